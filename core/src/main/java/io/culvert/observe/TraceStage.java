package io.culvert.observe;

import io.culvert.packet.PacketBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/*
 * How a received packet ends is known when its batch is settled, but by then its headers are no
 * longer what came: decapsulation has written the ECN mark, joining has made a head's headers those
 * of the super-packet, and the device's own header lies over the end of the outer one. Payload is
 * never written, and lies in the slot until then. So the beginning of each packet is kept here.
 */

/** The first bytes of received packets, as they came, until it is known how each ended. */
final class TraceStage {
    static final int NONE = -1;

    /** Outer IPv4 60, GRE 16, WCCP 4, inner IPv4 60, TCP 60: nothing behind that is written. */
    static final int KEPT_BYTES = 256;

    /** More than a lane has for what it reads from the wire. */
    private static final int BATCHES = 8;

    private static final int SLOTS = 128;

    private final PacketBatch[] batches = new PacketBatch[BATCHES];
    private final int[] outerStart = new int[BATCHES * SLOTS];
    private final int[] outerBytes = new int[BATCHES * SLOTS];
    private final ByteBuffer memory =
            ByteBuffer.allocateDirect(BATCHES * SLOTS * KEPT_BYTES).order(ByteOrder.BIG_ENDIAN);

    ByteBuffer memory() {
        return memory;
    }

    /**
     * Keeps what there is room for of a batch that nobody has changed yet.
     *
     * @return how many of its packets were kept
     */
    int keep(PacketBatch batch) {
        int area = find(null);
        if (area == NONE) {
            return 0;
        }
        batches[area] = batch;
        int kept = keptSlots(area);
        for (int slot = 0; slot < kept; slot++) {
            int lengthBytes = batch.lengthBytes(slot);
            outerStart[area * SLOTS + slot] = batch.start(slot);
            outerBytes[area * SLOTS + slot] = lengthBytes;
            memory.put(
                    at(area, slot),
                    batch.memory(),
                    batch.start(slot),
                    Math.min(lengthBytes, KEPT_BYTES));
        }
        return kept;
    }

    /** Where a batch is kept, or {@link #NONE}. */
    int find(PacketBatch batch) {
        for (int area = 0; area < BATCHES; area++) {
            if (batches[area] == batch) {
                return area;
            }
        }
        return NONE;
    }

    /** Slots of a kept batch that were kept. */
    int keptSlots(int area) {
        return Math.min(batches[area].size(), SLOTS);
    }

    /** Where the packet started in its batch's memory when it came. */
    int outerStart(int area, int slot) {
        return outerStart[area * SLOTS + slot];
    }

    /** How long the packet was when it came. */
    int outerBytes(int area, int slot) {
        return outerBytes[area * SLOTS + slot];
    }

    /** Index of the packet's first byte in {@link #memory}. */
    int at(int area, int slot) {
        return (area * SLOTS + slot) * KEPT_BYTES;
    }

    void forget(int area) {
        batches[area] = null;
    }
}

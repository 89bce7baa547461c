package io.culvert.observe;

import io.culvert.packet.PacketBatch;
import java.nio.ByteBuffer;

/*
 * How a received packet ends is known when its batch is settled, but by then its headers are no
 * longer what came: decapsulation has written the ECN mark, joining has made a head's headers those
 * of the super-packet, and the device's own header lies over the end of the outer one. Payload is
 * never written, and lies in the slot until then. So the beginning of each packet that the sample
 * takes is kept here.
 */

/**
 * The first bytes of the received packets that a sample takes, as they came, until it is known how
 * each ended.
 */
final class TraceStage {
    static final int NONE = -1;

    /** Outer IPv4 60, GRE 16, WCCP 4, inner IPv4 60, TCP 60: nothing behind that is written. */
    static final int KEPT_BYTES = 256;

    /** More than a lane has for what it reads from the wire. */
    private static final int BATCHES = 8;

    private static final int SLOTS = 128;

    /** One more for the end. */
    private static final int PLACES = SLOTS + 1;

    static final int MEMORY_BYTES = BATCHES * PLACES * KEPT_BYTES;

    private final PacketBatch[] batches = new PacketBatch[BATCHES];
    private final int[] slots = new int[BATCHES * PLACES];
    private final int[] outerStart = new int[BATCHES * PLACES];
    private final int[] outerBytes = new int[BATCHES * PLACES];
    private final ByteBuffer memory;

    /**
     * @param memory big-endian, of {@value #MEMORY_BYTES} bytes; what it holds does not matter
     */
    TraceStage(ByteBuffer memory) {
        this.memory = memory;
    }

    ByteBuffer memory() {
        return memory;
    }

    /**
     * Keeps what a sample takes of a batch that nobody has changed yet.
     *
     * @return how many of its packets there was room for, whether the sample took them or not
     */
    int keep(PacketBatch batch, TraceSample sample) {
        int area = find(null);
        if (area == NONE) {
            return 0;
        }
        batches[area] = batch;
        int offered = offeredSlots(area);
        int place = firstPlace(area);
        int slot = 0;
        for (int ahead = sample.nextWithin(offered);
                ahead != TraceSample.NONE;
                ahead = sample.nextWithin(offered - slot)) {
            slot += ahead;
            keep(batch, slot++, place++);
        }
        slots[place] = NONE;
        return offered;
    }

    private void keep(PacketBatch batch, int slot, int place) {
        int lengthBytes = batch.lengthBytes(slot);
        slots[place] = slot;
        outerStart[place] = batch.start(slot);
        outerBytes[place] = lengthBytes;
        memory.put(at(place), batch.memory(), batch.start(slot), Math.min(lengthBytes, KEPT_BYTES));
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

    /** Slots of a kept batch that there was room for, from 0 on. */
    int offeredSlots(int area) {
        return Math.min(batches[area].size(), SLOTS);
    }

    /** Where the first packet lies that was kept of a batch; the others lie behind it. */
    int firstPlace(int area) {
        return area * PLACES;
    }

    /** The slot of the packet in a place; {@link #NONE} behind the last one. */
    int slot(int place) {
        return slots[place];
    }

    /** Where the packet started in its batch's memory when it came. */
    int outerStart(int place) {
        return outerStart[place];
    }

    /** How long the packet was when it came. */
    int outerBytes(int place) {
        return outerBytes[place];
    }

    /** Index of the packet's first byte in {@link #memory}. */
    int at(int place) {
        return place * KEPT_BYTES;
    }

    void forget(int area) {
        batches[area] = null;
    }
}

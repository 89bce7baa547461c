package io.culvert.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Runs code on one packet among guard bytes, twice with different ones: nothing outside the packet
 * and its headroom may change, and nothing outside the packet may make a difference.
 */
public final class GuardedBatch {
    private static final int PACKET_SLOT = 1;

    private static final int MOST_BYTES = 2048;

    private final PacketBatch batch = PacketBatch.standalone(3, MOST_BYTES);
    private final byte[] before = new byte[batch.memory().capacity()];
    private final byte[] after = new byte[batch.memory().capacity()];

    /**
     * What became of the packet's first 2,048 bytes: what they are now, or null when it is not
     * live, and why.
     */
    public String outcome(byte[] packet, int headroomBytes, Consumer<PacketBatch> code) {
        String first = run(packet, headroomBytes, (byte) 0x00, code);
        String second = run(packet, headroomBytes, (byte) 0xff, code);
        assertThat(second).as("what stands around the packet decides").isEqualTo(first);
        return first;
    }

    private String run(byte[] packet, int headroomBytes, byte guard, Consumer<PacketBatch> code) {
        if (packet.length > MOST_BYTES) {
            return run(Arrays.copyOf(packet, MOST_BYTES), headroomBytes, guard, code);
        }
        ByteBuffer memory = batch.memory();
        batch.clear();
        Arrays.fill(before, guard);
        memory.put(0, before);
        batch.append(0);
        int at = batch.nextPacketAt();
        memory.put(at, packet);
        batch.append(packet.length);

        batch.drop(0, DropReason.SHUTDOWN);
        code.accept(batch);

        memory.get(0, after);
        Arrays.fill(after, at - headroomBytes, at + packet.length, guard);
        assertThat(Arrays.equals(after, before)).as("nothing else was written").isTrue();
        int start = batch.start(PACKET_SLOT);
        int end = start + batch.lengthBytes(PACKET_SLOT);
        assertThat(start).isGreaterThanOrEqualTo(at - headroomBytes);
        assertThat(end).isBetween(start, at + packet.length);
        return batch.tunnel(PACKET_SLOT)
                + " "
                + batch.dropReason(PACKET_SLOT)
                + (batch.isLive(PACKET_SLOT) ? Hex.text(memory, start, end - start) : "");
    }
}

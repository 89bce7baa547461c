package io.culvert.bench;

import io.culvert.offload.Coalescer;
import io.culvert.packet.PacketBatch;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does it cost to join 45 TCP segments into a super-packet of 64 KiB?
 *
 * <p>Every variant looks at each segment's checksum. Ours turns the first header into the
 * super-packet's, so it is put back before; that is counted, and as much as nothing.
 */
@Asks(
        value = "What does it cost to join 45 TCP segments into a super-packet of 64 KiB?",
        per = "super-packet")
@State(Scope.Thread)
public class CoalesceBenchmark extends PerPacket {
    private static final int TUNNEL = 0;

    private final Coalescer coalescer = new Coalescer();
    private final PacketBatch[] batches = new PacketBatch[SuperPackets.ROUNDS];
    private final ByteBuffer[] firstHeaders = new ByteBuffer[SuperPackets.ROUNDS];
    private final ByteBuffer superPacket =
            ByteBuffer.allocateDirect(SuperPackets.HEADER_BYTES + SuperPackets.PAYLOAD_BYTES);
    private int turn;

    @Setup
    public void fill() {
        SuperPackets packets = new SuperPackets();
        for (int i = 0; i < batches.length; i++) {
            batches[i] = packets.segments();
            firstHeaders[i] = ByteBuffer.allocateDirect(SuperPackets.HEADER_BYTES);
            firstHeaders[i].put(
                    0, batches[i].memory(), batches[i].start(0), SuperPackets.HEADER_BYTES);
        }
    }

    @TearDown
    public void check() {
        culvert();
        PacketBatch batch = batches[turn];
        for (int slot = 0; slot < SuperPackets.SEGMENTS; slot++) {
            if (batch.isLive(slot) != (slot == 0)) {
                throw new IllegalStateException("segment " + slot + " was not joined");
            }
        }
    }

    @Benchmark
    public int culvert() {
        turn = turn + 1 & SuperPackets.ROUNDS - 1;
        PacketBatch batch = batches[turn];
        batch.memory().put(batch.start(0), firstHeaders[turn], 0, SuperPackets.HEADER_BYTES);
        batch.clear();
        while (!batch.isFull()) {
            batch.tunnel(batch.append(SuperPackets.INNER_MTU), TUNNEL);
        }
        coalescer.coalesce(batch, TUNNEL, SuperPackets.INNER_MTU, true);
        return batch.segmentBytes(0);
    }

    /** Sums each segment up and copies its payload behind the others. */
    @Benchmark
    @Baseline
    public int copying() {
        turn = turn + 1 & SuperPackets.ROUNDS - 1;
        PacketBatch batch = batches[turn];
        superPacket.put(0, firstHeaders[turn], 0, SuperPackets.HEADER_BYTES);
        int end = SuperPackets.HEADER_BYTES;
        for (int slot = 0; slot < SuperPackets.SEGMENTS; slot++) {
            int at = batch.start(slot);
            int sum = SuperPackets.transportSum(batch.memory(), at, SuperPackets.INNER_MTU);
            if (sum != 0xffff) {
                throw new IllegalStateException("the checksum of segment " + slot + " is wrong");
            }
            superPacket.put(
                    end,
                    batch.memory(),
                    at + SuperPackets.HEADER_BYTES,
                    SuperPackets.SEGMENT_BYTES);
            end += SuperPackets.SEGMENT_BYTES;
        }
        return end;
    }

    /** Reads every byte, as the checksums of the segments make everybody do. */
    @Benchmark
    @Floor
    public long onePass() {
        turn = turn + 1 & SuperPackets.ROUNDS - 1;
        PacketBatch batch = batches[turn];
        long sum = 0;
        for (int slot = 0; slot < SuperPackets.SEGMENTS; slot++) {
            sum += OnePass.over(batch.memory(), batch.start(slot), SuperPackets.INNER_MTU);
        }
        return sum;
    }
}

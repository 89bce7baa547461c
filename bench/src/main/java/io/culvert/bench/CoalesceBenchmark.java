package io.culvert.bench;

import io.culvert.offload.Coalescer;
import io.culvert.offload.DeviceOffload;
import io.culvert.offload.HostMerges;
import io.culvert.packet.PacketBatch;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.TcpHeader;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does it cost to join 45 TCP segments into a super-packet of 64 KiB?
 *
 * <p>Every variant but the floor looks at each segment's headers and checksums. Ours turns the
 * first header into the super-packet's, so it is put back before; that is counted, and as much as
 * nothing.
 */
@Asks(
        value = "What does it cost to join 45 TCP segments into a super-packet of 64 KiB?",
        per = "super-packet")
@State(Scope.Thread)
public class CoalesceBenchmark extends PerPacket {
    private static final int TUNNEL = 0;

    private final Coalescer coalescer = new Coalescer(new HostMerges(() -> false));
    private final PacketBatch[] batches = new PacketBatch[SuperPackets.ROUNDS];
    private final ByteBuffer[] firstHeaders = new ByteBuffer[SuperPackets.ROUNDS];
    private final ByteBuffer superPacket =
            ByteBuffer.allocateDirect(SuperPackets.HEADER_BYTES + SuperPackets.PAYLOAD_BYTES);
    private final Ipv4Header firstIp = new Ipv4Header();
    private final Ipv4Header ip = new Ipv4Header();
    private final TcpHeader firstTcp = new TcpHeader();
    private final TcpHeader tcp = new TcpHeader();
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
        coalescer.coalesce(batch, TUNNEL, SuperPackets.INNER_MTU, DeviceOffload.ALL);
        return batch.segmentBytes(0);
    }

    /** Checks all that decides about joining, and copies each payload behind the others. */
    @Benchmark
    @Baseline
    public int copying() {
        turn = turn + 1 & SuperPackets.ROUNDS - 1;
        PacketBatch batch = batches[turn];
        superPacket.put(0, firstHeaders[turn], 0, SuperPackets.HEADER_BYTES);
        firstIp.wrap(superPacket, 0);
        firstTcp.wrap(superPacket, Ipv4Header.MIN_LENGTH);
        int end = SuperPackets.HEADER_BYTES;
        for (int slot = 0; slot < SuperPackets.SEGMENTS; slot++) {
            int at = batch.start(slot);
            if (!continues(batch.memory(), at, slot)) {
                throw new IllegalStateException("segment " + slot + " is wrong");
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

    private boolean continues(ByteBuffer memory, int at, int count) {
        int tcpAt = at + Ipv4Header.MIN_LENGTH;
        ip.wrap(memory, at);
        tcp.wrap(memory, tcpAt);
        return firstIp.isLike(memory, at)
                && firstTcp.isLike(memory, tcpAt, SuperPackets.HEADER_BYTES - Ipv4Header.MIN_LENGTH)
                && ip.totalLengthBytes() == SuperPackets.INNER_MTU
                && (ip.identification() - firstIp.identification() & 0xffff) == count
                && tcp.sequenceNumber()
                        == firstTcp.sequenceNumber() + count * SuperPackets.SEGMENT_BYTES
                && ip.hasValidHeaderChecksum()
                && SuperPackets.transportSum(memory, at, SuperPackets.INNER_MTU) == 0xffff;
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

package io.culvert.bench;

import io.culvert.offload.Segmenter;
import io.culvert.packet.PacketBatch;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.TcpHeader;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What does it cost to split a super-packet of 64 KiB into 45 TCP segments? */
@Asks(
        value = "What does it cost to split a super-packet of 64 KiB into 45 TCP segments?",
        per = "super-packet")
@State(Scope.Thread)
public class SegmentBenchmark extends PerPacket {
    private final Segmenter segmenter = new Segmenter();
    private final Ipv4Header ip = new Ipv4Header();
    private final TcpHeader tcp = new TcpHeader();
    private final PacketBatch headers =
            PacketBatch.standalone(SuperPackets.SEGMENTS, Segmenter.MAX_HEADER_BYTES);
    private final PacketBatch copies =
            PacketBatch.standalone(SuperPackets.SEGMENTS, SuperPackets.INNER_MTU);
    private PacketBatch source;
    private int turn;

    @Setup
    public void fill() {
        source = new SuperPackets().superPackets();
        headers.tailSource(source);
    }

    @TearDown
    public void check() {
        int size = Math.max(headers.size(), copies.size());
        if (size != 0 && size != SuperPackets.SEGMENTS) {
            throw new IllegalStateException("a super-packet became " + size + " segments");
        }
    }

    @Benchmark
    public int culvert() {
        headers.clear();
        segmenter.start(source, nextSlot(), SuperPackets.INNER_MTU);
        int slot = 0;
        while (segmenter.hasNext()) {
            slot = segmenter.copyHeaderNext(headers);
        }
        return slot;
    }

    /** Copies headers and payload into slots, and sums each segment up there. */
    @Benchmark
    @Baseline
    public int copying() {
        copies.clear();
        int superPacketAt = source.start(nextSlot());
        ByteBuffer memory = copies.memory();
        tcp.wrap(source.memory(), superPacketAt + Ipv4Header.MIN_LENGTH);
        int sequenceNumber = tcp.sequenceNumber();
        int position = 0;
        while (position < SuperPackets.PAYLOAD_BYTES) {
            int at = copies.nextPacketAt();
            memory.put(at, source.memory(), superPacketAt, SuperPackets.HEADER_BYTES);
            memory.put(
                    at + SuperPackets.HEADER_BYTES,
                    source.memory(),
                    superPacketAt + SuperPackets.HEADER_BYTES + position,
                    SuperPackets.SEGMENT_BYTES);
            ip.wrap(memory, at)
                    .totalLengthBytes(SuperPackets.INNER_MTU)
                    .identification(copies.size())
                    .writeHeaderChecksum();
            tcp.wrap(memory, at + Ipv4Header.MIN_LENGTH)
                    .sequenceNumber(sequenceNumber + position)
                    .checksum(0)
                    .checksum(
                            ~SuperPackets.transportSum(memory, at, SuperPackets.INNER_MTU)
                                    & 0xffff);
            copies.append(SuperPackets.INNER_MTU);
            position += SuperPackets.SEGMENT_BYTES;
        }
        return copies.size();
    }

    /** Reads every byte, as the checksums of the segments make everybody do. */
    @Benchmark
    @Floor
    public long onePass() {
        int slot = nextSlot();
        return OnePass.over(source.memory(), source.start(slot), source.lengthBytes(slot));
    }

    private int nextSlot() {
        turn = turn + 1 & SuperPackets.ROUNDS - 1;
        return turn;
    }
}

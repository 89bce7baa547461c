package io.culvert.bench;

import io.culvert.packet.PacketBatch;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.TcpHeader;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * TCP over IPv4 with timestamps, 64,080 bytes of payload at a time: the largest super-packet whose
 * 45 segments are all full in a GRE tunnel over Ethernet.
 */
final class SuperPackets {
    static final int INNER_MTU = 1476;
    static final int HEADER_BYTES = 52;
    static final int SEGMENT_BYTES = INNER_MTU - HEADER_BYTES;
    static final int SEGMENTS = 45;
    static final int PAYLOAD_BYTES = SEGMENTS * SEGMENT_BYTES;

    /** Super-packets, or batches of segments, that are taken in turn: 720 segments in all. */
    static final int ROUNDS = 16;

    private static final int SOURCE = 0xc612_0001;
    private static final int DESTINATION = 0xc613_0001;
    private static final int NOP_NOP_TIMESTAMP = 0x0101_080a; // RFC 7323, appendix A
    private static final int TRANSPORT_AT = Ipv4Header.MIN_LENGTH;

    private final Ipv4Header ip = new Ipv4Header();
    private final TcpHeader tcp = new TcpHeader();
    private final SplittableRandom random = new SplittableRandom(9293);

    /** A batch with one super-packet in each slot. */
    PacketBatch superPackets() {
        PacketBatch batch = PacketBatch.standalone(ROUNDS, HEADER_BYTES + PAYLOAD_BYTES);
        while (!batch.isFull()) {
            int slot = append(batch, PAYLOAD_BYTES, random.nextInt(), 0);
            batch.segmentBytes(slot, SEGMENT_BYTES);
        }
        return batch;
    }

    /** A batch with the segments of one super-packet, in order. */
    PacketBatch segments() {
        PacketBatch batch = PacketBatch.standalone(SEGMENTS, INNER_MTU);
        int firstSequenceNumber = random.nextInt();
        for (int i = 0; i < SEGMENTS; i++) {
            append(batch, SEGMENT_BYTES, firstSequenceNumber + i * SEGMENT_BYTES, i);
        }
        return batch;
    }

    /** The sum of everything that a TCP checksum covers. */
    static int transportSum(ByteBuffer memory, int at, int lengthBytes) {
        int transportBytes = lengthBytes - TRANSPORT_AT;
        int pseudoHeader =
                InternetChecksum.pseudoHeaderV4Sum(
                        SOURCE, DESTINATION, IpProtocol.TCP, transportBytes);
        return InternetChecksum.sum(memory, at + TRANSPORT_AT, transportBytes, pseudoHeader);
    }

    private int append(
            PacketBatch batch, int payloadBytes, int sequenceNumber, int identification) {
        ByteBuffer memory = batch.memory();
        int at = batch.nextPacketAt();
        byte[] payload = new byte[payloadBytes];
        random.nextBytes(payload);
        memory.put(at + HEADER_BYTES, payload);
        ip.wrap(memory, at)
                .versionAndHeaderLength(Ipv4Header.MIN_LENGTH)
                .totalLengthBytes(HEADER_BYTES + payloadBytes)
                .identification(identification)
                .fragmentation(true, false, 0)
                .ttl(64)
                .protocol(IpProtocol.TCP)
                .source(SOURCE)
                .destination(DESTINATION)
                .writeHeaderChecksum();
        tcp.wrap(memory, at + TRANSPORT_AT)
                .sourcePort(5201)
                .destinationPort(40_000)
                .sequenceNumber(sequenceNumber)
                .acknowledgmentNumber(1)
                .headerLengthBytes(HEADER_BYTES - TRANSPORT_AT)
                .flags(TcpHeader.ACK)
                .window(512);
        int optionsAt = at + TRANSPORT_AT + TcpHeader.MIN_LENGTH;
        memory.putInt(optionsAt, NOP_NOP_TIMESTAMP)
                .putInt(optionsAt + 4, 1)
                .putInt(optionsAt + 8, 1);
        tcp.checksum(0);
        int sum = transportSum(memory, at, HEADER_BYTES + payloadBytes);
        tcp.checksum(InternetChecksum.complement(sum));
        return batch.append(HEADER_BYTES + payloadBytes);
    }
}

package io.culvert.rehearsal;

import io.culvert.packet.PacketBatch;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import io.culvert.wire.TcpHeader;
import io.culvert.wire.UdpHeader;
import java.nio.ByteBuffer;

/** Puts packets into a batch, as a host has them for its TUN device: checksums are partial. */
final class RehearsalPackets {
    /** Payload bytes of each segment of a super-packet but the last. */
    static final int SEGMENT_BYTES = 1_200;

    private static final int TIMESTAMPS_BYTES = 12;
    private static final int TCP_BYTES = TcpHeader.MIN_LENGTH + TIMESTAMPS_BYTES;

    // RFC 7323, appendix A: two no-operations, then kind 8 of 10 bytes
    private static final long TIMESTAMPS = 0x0101_080a_0000_0001L;

    private static final int SOURCE = 0xc633_6401; // 198.51.100.1
    private static final int DESTINATION = 0xc633_6402;
    private static final long PREFIX = 0x2001_0db8_0000_0000L;
    private static final int PORT = 5_201;
    private static final int WINDOW = 0xffff;

    private final PacketBatch batch;
    private final int tunnelIndex;
    private int ipVersion = IpVersion.IPV4;
    private int tos;
    private int hops = 64;
    private boolean dontFragment = true;
    private int identification;
    private int sequenceNumber;

    /**
     * @param tunnelIndex of the device that will write the packets
     */
    RehearsalPackets(PacketBatch batch, int tunnelIndex) {
        this.batch = batch;
        this.tunnelIndex = tunnelIndex;
    }

    /** What follows is carried by this version of IP. */
    RehearsalPackets over(int version) {
        ipVersion = version;
        return this;
    }

    /** What follows has other values in its IP header than most. */
    RehearsalPackets with(int otherTos, int otherHops, boolean dontFragmentBit) {
        tos = otherTos;
        hops = otherHops;
        dontFragment = dontFragmentBit;
        return this;
    }

    /** Adds a segment, or a super-packet of as many as the payload makes. */
    RehearsalPackets tcp(int sourcePort, int flags, int payloadBytes) {
        int slot = ip(IpProtocol.TCP, TCP_BYTES + payloadBytes);
        ByteBuffer memory = batch.memory();
        int at = batch.start(slot) + ipBytes();
        new TcpHeader()
                .wrap(memory, at)
                .sourcePort(sourcePort)
                .destinationPort(PORT)
                .sequenceNumber(sequenceNumber)
                .acknowledgmentNumber(1)
                .headerLengthBytes(TCP_BYTES)
                .flags(flags)
                .window(WINDOW)
                .checksum(pseudoHeaderSum(slot, IpProtocol.TCP));
        memory.putLong(at + TcpHeader.MIN_LENGTH, TIMESTAMPS + slot);
        sequenceNumber += payloadBytes;
        batch.segmentBytes(slot, SEGMENT_BYTES);
        return this;
    }

    /** Adds a datagram. */
    RehearsalPackets udp(int sourcePort, int payloadBytes) {
        int slot = ip(IpProtocol.UDP, UdpHeader.LENGTH + payloadBytes);
        new UdpHeader()
                .wrap(batch.memory(), batch.start(slot) + ipBytes())
                .sourcePort(sourcePort)
                .destinationPort(PORT)
                .lengthBytes(UdpHeader.LENGTH + payloadBytes)
                .checksum(pseudoHeaderSum(slot, IpProtocol.UDP));
        batch.segmentBytes(slot, payloadBytes);
        return this;
    }

    /** Adds a packet of neither. */
    RehearsalPackets other(int payloadBytes) {
        ip(ipVersion == IpVersion.IPV4 ? IpProtocol.ICMP : IpProtocol.ICMPV6, payloadBytes);
        return this;
    }

    private int pseudoHeaderSum(int slot, int protocol) {
        int payloadBytes = batch.lengthBytes(slot) - ipBytes();
        return ipVersion == IpVersion.IPV4
                ? InternetChecksum.pseudoHeaderV4Sum(SOURCE, DESTINATION, protocol, payloadBytes)
                : new Ipv6Header()
                        .wrap(batch.memory(), batch.start(slot))
                        .pseudoHeaderSum(protocol, payloadBytes);
    }

    private int ipBytes() {
        return ipVersion == IpVersion.IPV4 ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH;
    }

    private int ip(int protocol, int payloadBytes) {
        int at = batch.nextPacketAt();
        int slot = batch.append(ipBytes() + payloadBytes);
        batch.tunnel(slot, tunnelIndex);
        if (ipVersion == IpVersion.IPV4) {
            new Ipv4Header()
                    .wrap(batch.memory(), at)
                    .versionAndHeaderLength(Ipv4Header.MIN_LENGTH)
                    .tos(tos)
                    .totalLengthBytes(ipBytes() + payloadBytes)
                    .identification(identification++)
                    .fragmentation(dontFragment, false, 0)
                    .ttl(hops)
                    .protocol(protocol)
                    .source(SOURCE)
                    .destination(DESTINATION)
                    .writeHeaderChecksum();
        } else {
            new Ipv6Header()
                    .wrap(batch.memory(), at)
                    .versionClassAndLabel(tos, 0)
                    .payloadLengthBytes(payloadBytes)
                    .nextHeader(protocol)
                    .hopLimit(hops)
                    .source(PREFIX, 1)
                    .destination(PREFIX, 2);
        }
        return slot;
    }
}

package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * The TCP or UDP checksum of a packet whose sender left it to be completed: the field holds the sum
 * of the pseudo header alone, not complemented.
 *
 * <p>Linux leaves it so in packets that never left the host, and in those that it joined itself
 * ({@code CHECKSUM_PARTIAL}). One complete checksum in 65,535 looks the same.
 */
public final class PartialChecksum {
    private static final int IPV4_WITHOUT_OPTIONS = 0x45;
    private static final int IPV6_SOURCE = 8;
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;

    /** No field: the packet is neither TCP nor UDP. */
    private static final int NONE = -1;

    private PartialChecksum() {}

    /**
     * Whether an IP packet without options or extensions may have one; false for all others. Only
     * headers are read.
     *
     * @param packetBytes its length as its own header has it, at least that of the IP header
     */
    public static boolean mayBeIn(ByteBuffer memory, int at, int packetBytes) {
        int first = memory.get(at) & 0xff;
        if (first == IPV4_WITHOUT_OPTIONS) {
            int transportBytes = packetBytes - Ipv4Header.MIN_LENGTH;
            int protocol = Ipv4Header.protocol(memory, at);
            int field = field(protocol, transportBytes);
            return field != NONE
                    && stored(memory, at + Ipv4Header.MIN_LENGTH + field)
                            == InternetChecksum.pseudoHeaderV4Sum(
                                    Ipv4Header.source(memory, at),
                                    Ipv4Header.destination(memory, at),
                                    protocol,
                                    transportBytes);
        }
        if (first >>> 4 != IpVersion.IPV6) {
            return false;
        }
        int transportBytes = packetBytes - Ipv6Header.LENGTH;
        int protocol = Ipv6Header.nextHeader(memory, at);
        int field = field(protocol, transportBytes);
        return field != NONE
                && stored(memory, at + Ipv6Header.LENGTH + field)
                        == InternetChecksum.pseudoHeaderV6Sum(
                                memory, at + IPV6_SOURCE, protocol, transportBytes);
    }

    /** Where the checksum is in the transport header; {@link #NONE} when it is not there. */
    private static int field(int protocol, int transportBytes) {
        if (protocol == IpProtocol.TCP) {
            return transportBytes >= TcpHeader.MIN_LENGTH ? TCP_CHECKSUM : NONE;
        }
        return protocol == IpProtocol.UDP && transportBytes >= UdpHeader.LENGTH
                ? UDP_CHECKSUM
                : NONE;
    }

    private static int stored(ByteBuffer memory, int at) {
        return memory.getShort(at) & 0xffff;
    }
}

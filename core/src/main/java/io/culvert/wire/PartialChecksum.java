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
    private static final int IPV4_ADDRESSES = 12;
    private static final int IPV6_ADDRESSES = 8;
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;
    private static final long LOW_32 = 0xffff_ffffL;

    private PartialChecksum() {}

    /**
     * Whether an IP packet may have one; false behind IPv6 extension headers. Only headers are
     * read.
     *
     * @param packetBytes its length as its own header has it, at least that of the IP header
     */
    public static boolean mayBeIn(ByteBuffer memory, int at, int packetBytes) {
        int first = memory.get(at) & 0xff;
        return switch (first >>> 4) {
            case IpVersion.IPV4 ->
                    mayBeInIpv4(
                            memory,
                            at,
                            (first & 0x0f) * 4,
                            Ipv4Header.protocol(memory, at),
                            packetBytes);
            case IpVersion.IPV6 ->
                    mayBeInIpv6(memory, at, Ipv6Header.nextHeader(memory, at), packetBytes);
            default -> false;
        };
    }

    private static boolean mayBeInIpv4(
            ByteBuffer memory, int at, int headerBytes, int protocol, int packetBytes) {
        int transportBytes = packetBytes - headerBytes;
        if (!hasField(protocol, transportBytes)) {
            return false;
        }
        long addresses = memory.getLong(at + IPV4_ADDRESSES);
        return isPseudoHeaderSum(
                stored(memory, at + headerBytes, protocol),
                (addresses & LOW_32) + (addresses >>> 32) + protocol + transportBytes);
    }

    private static boolean mayBeInIpv6(ByteBuffer memory, int at, int nextHeader, int packetBytes) {
        int transportBytes = packetBytes - Ipv6Header.LENGTH;
        if (!hasField(nextHeader, transportBytes)) {
            return false;
        }
        long sum = (long) nextHeader + transportBytes;
        for (int word = IPV6_ADDRESSES; word < Ipv6Header.LENGTH; word += Long.BYTES) {
            long addresses = memory.getLong(at + word);
            sum += (addresses & LOW_32) + (addresses >>> 32);
        }
        return isPseudoHeaderSum(stored(memory, at + Ipv6Header.LENGTH, nextHeader), sum);
    }

    private static boolean hasField(int protocol, int transportBytes) {
        return protocol == IpProtocol.TCP && transportBytes >= TcpHeader.MIN_LENGTH
                || protocol == IpProtocol.UDP && transportBytes >= UdpHeader.LENGTH;
    }

    private static int stored(ByteBuffer memory, int transportAt, int protocol) {
        int field = protocol == IpProtocol.TCP ? TCP_CHECKSUM : UDP_CHECKSUM;
        return memory.getShort(transportAt + field) & 0xffff;
    }

    private static boolean isPseudoHeaderSum(int stored, long sum) {
        return stored == InternetChecksum.fold(sum);
    }
}

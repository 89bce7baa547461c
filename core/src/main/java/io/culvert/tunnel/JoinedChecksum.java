package io.culvert.tunnel;

import io.culvert.packet.PacketBatch;
import io.culvert.wire.EtherType;
import io.culvert.wire.EthernetHeader;
import io.culvert.wire.GreHeader;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import io.culvert.wire.PartialChecksum;
import io.culvert.wire.TcpHeader;
import io.culvert.wire.UdpHeader;
import java.nio.ByteBuffer;

/*
 * A host that joins packets checks each one's GRE checksum and leaves that of the first in front of
 * the whole. What the first was need not be known to check it: a whole IPv4 header sums up to 0xffff,
 * and so does a TCP segment with its pseudo header. In sums modulo 0xffff, of the first packet,
 *
 *   0 = GRE header + IPv4 header + TCP segment  and  TCP segment = - pseudo header
 *   GRE header = pseudo header = addresses + protocol + length of the first TCP segment
 *
 * which gives its length. With IPv6 the header is no 0 but has that length as well, and it cancels
 * out. The same holds for a single packet whose inner checksum the host left to be completed. Of a
 * frame, the Ethernet header with its tags counts as part of the GRE header: its length is even.
 */

/**
 * GRE checksums that are wrong for the bytes there are because the host has changed these: it
 * joined several packets, or left the inner checksum to be completed. Confined to one thread.
 */
final class JoinedChecksum {
    /** The checksum is wrong, and the host is not why. */
    static final int WRONG = -1;

    /** It is right, and says nothing of the segments' size. */
    static final int SIZE_UNKNOWN = 0;

    private final Ipv4Header ip4 = new Ipv4Header();
    private final Ipv6Header ip6 = new Ipv6Header();
    private final TcpHeader tcp = new TcpHeader();

    /**
     * Judges a packet whose GRE checksum is not that of its bytes.
     *
     * @param gre its GRE header
     * @param greBytes header and payload
     * @return for {@link PacketBatch#segmentBytes}, {@link #SIZE_UNKNOWN} or {@link #WRONG}
     */
    int segmentBytes(ByteBuffer memory, GreHeader gre, int greAt, int greBytes) {
        int at = gre.payloadAt();
        if (gre.protocolType() == EtherType.TEB) {
            at += EthernetHeader.lengthWithTags(memory, at, greBytes - (at - greAt));
        }
        int innerBytes = greBytes - (at - greAt);
        if (innerBytes <= 0) {
            return WRONG;
        }
        int greSum = InternetChecksum.sum(memory, greAt, at - greAt);
        return switch (IpVersion.of(memory, at)) {
            case IpVersion.IPV4 -> inIpv4(memory, at, innerBytes, greSum);
            case IpVersion.IPV6 -> inIpv6(memory, at, innerBytes, greSum);
            default -> WRONG;
        };
    }

    private int inIpv4(ByteBuffer memory, int at, int innerBytes, int greSum) {
        if (!ip4.wrap(memory, at).isValid(innerBytes) || ip4.hasOptions() || ip4.isFragment()) {
            return WRONG;
        }
        int headerBytes = headerBytes(memory, ip4.payloadAt(), ip4.protocol(), innerBytes);
        if (headerBytes == 0) {
            return WRONG;
        }
        int pseudo =
                InternetChecksum.pseudoHeaderV4Sum(
                        ip4.source(), ip4.destination(), ip4.protocol(), 0);
        int firstBytes = InternetChecksum.fold((long) greSum + InternetChecksum.complement(pseudo));
        int wholeBytes = ip4.payloadLengthBytes();
        boolean isFitting = firstBytes > headerBytes && firstBytes < wholeBytes;
        if (PartialChecksum.mayBeIn(memory, at, ip4.totalLengthBytes())) {
            if (isFitting) {
                return firstBytes - headerBytes;
            }
            // The host's own packets get their GRE checksum when they are cut, which is never here.
            return firstBytes == wholeBytes ? PacketBatch.ONE_SEGMENT : SIZE_UNKNOWN;
        }
        boolean isOfFirst =
                isFitting
                        && ip4.protocol() == IpProtocol.TCP
                        && tcp.wrap(memory, ip4.payloadAt())
                                .hasValidChecksum(
                                        firstBytes,
                                        InternetChecksum.fold((long) pseudo + firstBytes));
        return isOfFirst ? firstBytes - headerBytes : WRONG;
    }

    private int inIpv6(ByteBuffer memory, int at, int innerBytes, int greSum) {
        if (!ip6.wrap(memory, at).isValid(innerBytes)
                || headerBytes(memory, ip6.payloadAt(), ip6.nextHeader(), innerBytes) == 0) {
            return WRONG;
        }
        if (PartialChecksum.mayBeIn(memory, at, ip6.totalLengthBytes())) {
            return SIZE_UNKNOWN;
        }
        // the header's first word and its hop limit; the next header is in the pseudo header, too
        int rest = InternetChecksum.sum(memory, at, Integer.BYTES, greSum);
        int nextHeaderAndHopLimit = ip6.nextHeader() << 8 | ip6.hopLimit();
        int sum =
                InternetChecksum.fold(
                        (long) rest
                                + nextHeaderAndHopLimit
                                + InternetChecksum.complement(ip6.nextHeader()));
        if (sum != 0xffff || ip6.nextHeader() != IpProtocol.TCP) {
            return WRONG;
        }
        int wholeBytes = ip6.payloadLengthBytes();
        int pseudo = ip6.pseudoHeaderSum(IpProtocol.TCP, 0);
        int firstBytes = tcp.firstPayloadBytes(wholeBytes, pseudo, Short.MAX_VALUE);
        return firstBytes > 0 ? firstBytes : WRONG;
    }

    /** Bytes of the TCP or UDP header; 0 when it is neither. */
    private int headerBytes(ByteBuffer memory, int at, int protocol, int innerBytes) {
        return switch (protocol) {
            case IpProtocol.TCP ->
                    innerBytes > TcpHeader.MIN_LENGTH + Ipv4Header.MIN_LENGTH
                            ? tcp.wrap(memory, at).headerLengthBytes()
                            : 0;
            case IpProtocol.UDP -> UdpHeader.LENGTH;
            default -> 0;
        };
    }
}

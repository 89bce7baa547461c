package io.culvert.tunnel;

import io.culvert.packet.DropReason;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Address;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Address;
import io.culvert.wire.Ipv6Extensions;
import io.culvert.wire.Ipv6Header;
import java.nio.ByteBuffer;

/**
 * The outer IP header of a received packet, IPv4 or IPv6, read once. Confined to the lane's thread;
 * allocates nothing.
 */
final class ReceivedOuter {
    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private final Ipv6Extensions extensions = new Ipv6Extensions();
    private boolean isIpv6;
    private int headerBytes;
    private int totalBytes;
    private int protocol;
    private int tos;
    private int remote;
    private int local;

    /**
     * Reads the header that starts at {@code at}.
     *
     * @param addresses the numbers that IPv6 addresses have in a look-up
     * @return null when the packet goes on; else why not
     */
    DropReason read(ByteBuffer memory, int at, int limitBytes, OuterAddresses addresses) {
        isIpv6 = limitBytes > 0 && IpVersion.of(memory, at) == IpVersion.IPV6;
        return isIpv6
                ? readIpv6(memory, at, limitBytes, addresses)
                : readIpv4(memory, at, limitBytes);
    }

    private DropReason readIpv4(ByteBuffer memory, int at, int limitBytes) {
        ipv4.wrap(memory, at);
        if (!ipv4.isValid(limitBytes) || ipv4.isFragment()) {
            return DropReason.OUTER_MALFORMED;
        }
        remote = ipv4.source();
        local = ipv4.destination();
        if (Ipv4Address.isMulticast(local) || local == -1) {
            return DropReason.OUTER_NOT_UNICAST;
        }
        int firstWord = ipv4.firstWord();
        headerBytes = Ipv4Header.headerLengthBytesOf(firstWord);
        totalBytes = Ipv4Header.totalLengthBytesOf(firstWord);
        tos = Ipv4Header.tosOf(firstWord);
        protocol = ipv4.protocol();
        return null;
    }

    private DropReason readIpv6(
            ByteBuffer memory, int at, int limitBytes, OuterAddresses addresses) {
        ipv6.wrap(memory, at);
        if (!ipv6.isValid(limitBytes) || !extensions.walk(memory, at) || extensions.isFragment()) {
            return DropReason.OUTER_MALFORMED;
        }
        if (Ipv6Address.isMulticast(ipv6.destinationHigh())) {
            return DropReason.OUTER_NOT_UNICAST;
        }
        remote = addresses.ipv6(ipv6.sourceHigh(), ipv6.sourceLow());
        local = addresses.ipv6(ipv6.destinationHigh(), ipv6.destinationLow());
        headerBytes = extensions.endAt() - at;
        totalBytes = ipv6.totalLengthBytes();
        tos = ipv6.trafficClass();
        protocol = extensions.protocol();
        return null;
    }

    /** Whether it is IPv6 and not IPv4. */
    boolean isIpv6() {
        return isIpv6;
    }

    /** Bytes up to what the packet carries, with options and extension headers. */
    int headerBytes() {
        return headerBytes;
    }

    /** Of the whole packet. */
    int totalBytes() {
        return totalBytes;
    }

    /** Protocol number, or the last next header. */
    int protocol() {
        return protocol;
    }

    /** The source as a tunnel's remote address, for a look-up. */
    int remote() {
        return remote;
    }

    /** The destination as a tunnel's local address, for a look-up. */
    int local() {
        return local;
    }

    /** TOS or traffic class. */
    int tos() {
        return tos;
    }

    /** The IPv4 header; of no meaning when it is IPv6. */
    Ipv4Header ipv4() {
        return ipv4;
    }
}

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

    /**
     * Reads the header that starts at {@code at}.
     *
     * @return null when the packet goes on; else why not
     */
    DropReason read(ByteBuffer memory, int at, int limitBytes) {
        isIpv6 = limitBytes > 0 && IpVersion.of(memory, at) == IpVersion.IPV6;
        return isIpv6 ? readIpv6(memory, at, limitBytes) : readIpv4(memory, at, limitBytes);
    }

    private DropReason readIpv4(ByteBuffer memory, int at, int limitBytes) {
        ipv4.wrap(memory, at);
        if (!ipv4.isValid(limitBytes) || ipv4.isFragment()) {
            return DropReason.OUTER_MALFORMED;
        }
        if (Ipv4Address.isMulticast(ipv4.destination()) || ipv4.destination() == -1) {
            return DropReason.OUTER_NOT_UNICAST;
        }
        headerBytes = ipv4.headerLengthBytes();
        totalBytes = ipv4.totalLengthBytes();
        protocol = ipv4.protocol();
        return null;
    }

    private DropReason readIpv6(ByteBuffer memory, int at, int limitBytes) {
        ipv6.wrap(memory, at);
        if (!ipv6.isValid(limitBytes) || !extensions.walk(memory, at) || extensions.isFragment()) {
            return DropReason.OUTER_MALFORMED;
        }
        if (Ipv6Address.isMulticast(ipv6.destinationHigh())) {
            return DropReason.OUTER_NOT_UNICAST;
        }
        headerBytes = extensions.endAt() - at;
        totalBytes = ipv6.totalLengthBytes();
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
    int remote(OuterAddresses addresses) {
        return isIpv6 ? addresses.ipv6(ipv6.sourceHigh(), ipv6.sourceLow()) : ipv4.source();
    }

    /** The destination as a tunnel's local address, for a look-up. */
    int local(OuterAddresses addresses) {
        return isIpv6
                ? addresses.ipv6(ipv6.destinationHigh(), ipv6.destinationLow())
                : ipv4.destination();
    }

    /** TOS or traffic class. */
    int tos() {
        return isIpv6 ? ipv6.trafficClass() : ipv4.tos();
    }

    /** The IPv4 header; of no meaning when it is IPv6. */
    Ipv4Header ipv4() {
        return ipv4;
    }
}

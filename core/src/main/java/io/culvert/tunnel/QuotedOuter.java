package io.culvert.tunnel;

import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6ExtensionHeader;
import io.culvert.wire.Ipv6Header;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * The outer IP header of a packet of which only the beginning may be there, such as one of ours
 * that an ICMP error quotes: the check of the whole packet's length does not apply. Confined to one
 * thread.
 */
public final class QuotedOuter {
    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private final Ipv6ExtensionHeader options = new Ipv6ExtensionHeader();
    private boolean isIpv6;
    private int protocol;
    private int payloadAt;

    /** Reads the header that the quote begins with; false when it is not all there. */
    public boolean read(ByteBuffer quoted) {
        int limit = quoted.limit();
        isIpv6 = limit > 0 && IpVersion.of(quoted, 0) == IpVersion.IPV6;
        if (limit < (isIpv6 ? Ipv6Header.LENGTH : Ipv4Header.MIN_LENGTH)) {
            return false;
        }
        if (isIpv6) {
            return readIpv6(quoted);
        }
        ipv4.wrap(quoted, 0);
        protocol = ipv4.protocol();
        payloadAt = ipv4.payloadAt();
        return true;
    }

    /** Ours have one extension header at most, the encapsulation limit's. */
    private boolean readIpv6(ByteBuffer quoted) {
        ipv6.wrap(quoted, 0);
        protocol = ipv6.nextHeader();
        payloadAt = ipv6.payloadAt();
        if (protocol != IpProtocol.IPV6_DESTINATION_OPTIONS) {
            return true;
        }
        options.wrap(quoted, payloadAt, protocol);
        if (!options.isValid(quoted.limit() - payloadAt)) {
            return false;
        }
        protocol = options.nextHeader();
        payloadAt = options.endAt();
        return true;
    }

    boolean isIpv6() {
        return isIpv6;
    }

    /** Of what the outer header, with its extensions, carries. */
    public int protocol() {
        return protocol;
    }

    /** Where that starts in the quote, perhaps behind its end. */
    int payloadAt() {
        return payloadAt;
    }

    /** Whether an address is its source. */
    public boolean isFrom(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        if (address instanceof Inet4Address) {
            return !isIpv6 && bytes.getInt() == ipv4.source();
        }
        return isIpv6
                && bytes.getLong() == ipv6.sourceHigh()
                && bytes.getLong() == ipv6.sourceLow();
    }

    /** Whether an address is its destination. */
    public boolean isTo(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        if (address instanceof Inet4Address) {
            return !isIpv6 && bytes.getInt() == ipv4.destination();
        }
        return isIpv6
                && bytes.getLong() == ipv6.destinationHigh()
                && bytes.getLong() == ipv6.destinationLow();
    }

    /** For a look-up, as all addresses of a table. */
    int source(OuterAddresses addresses) {
        return isIpv6 ? addresses.ipv6(ipv6.sourceHigh(), ipv6.sourceLow()) : ipv4.source();
    }

    /** For a look-up, as all addresses of a table. */
    int destination(OuterAddresses addresses) {
        return isIpv6
                ? addresses.ipv6(ipv6.destinationHigh(), ipv6.destinationLow())
                : ipv4.destination();
    }
}

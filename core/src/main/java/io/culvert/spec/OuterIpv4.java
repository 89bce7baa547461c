package io.culvert.spec;

import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * An outer IPv4 header (RFC 791). Immutable.
 *
 * @param local our outer address; null when the route decides per packet
 * @param remote the peer's outer address; null for any
 * @param link the underlay device the tunnel is bound to; null for any
 * @param ttl outer TTL 1 to 255, or {@link #TTL_INHERIT}
 * @param tos outer TOS 0 to 255; an odd value means inherit, as the kernel has it
 * @param fragmentation whether the outer packet may be fragmented
 */
public record OuterIpv4(
        Inet4Address local,
        Inet4Address remote,
        String link,
        int ttl,
        int tos,
        Fragmentation fragmentation)
        implements Outer {

    /**
     * {@code tos inherit}: bit 0 asks for inheritance, the rest is for payloads that have no TOS.
     */
    public static final int TOS_INHERIT = 1;

    /** What the outer DF bit is; the words of {@code ip link}. */
    public enum Fragmentation {
        /** {@code pmtudisc}: always set. */
        NEVER,
        /** {@code nopmtudisc}: as the inner IPv4 packet has it; clear for other payloads. */
        AS_INNER,
        /** {@code nopmtudisc ignore-df}: never set. */
        ALWAYS_ALLOWED
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public OuterIpv4 {
        Outer.check(local, remote);
        if (ttl < 0 || ttl > 255) {
            throw new IllegalArgumentException("ttl " + ttl + " is not 1 to 255 or inherit");
        }
        if (tos < 0 || tos > 255) {
            throw new IllegalArgumentException("tos " + tos + " is not 0 to 255 or inherit");
        }
    }

    /** Whether the outer TOS is the inner one. */
    public boolean inheritsTos() {
        return (tos & TOS_INHERIT) != 0;
    }

    /** The remote address as 32 bits, network order as an int; 0 for any. */
    public int remoteBits() {
        return bits(remote);
    }

    /** The local address as 32 bits, network order as an int; 0 for any. */
    public int localBits() {
        return bits(local);
    }

    @Override
    public int ipVersion() {
        return IpVersion.IPV4;
    }

    @Override
    public int headerBytes() {
        return Ipv4Header.MIN_LENGTH;
    }

    @Override
    public boolean pmtudisc() {
        return fragmentation == Fragmentation.NEVER;
    }

    private static int bits(InetAddress address) {
        if (address == null) {
            return 0;
        }
        byte[] octets = address.getAddress();
        return (octets[0] & 0xff) << 24
                | (octets[1] & 0xff) << 16
                | (octets[2] & 0xff) << 8
                | octets[3] & 0xff;
    }
}

package io.culvert.endtoend.host;

/**
 * The addresses of one host.
 *
 * @param outer of the cable's end, IPv4
 * @param innerIpv4 of the tunnel's device
 * @param innerIpv6 of the tunnel's device
 */
public record Addresses(String outer, String innerIpv4, String innerIpv6) {
    /** Prefix of outer and of inner IPv4 addresses. */
    public static final String IPV4_PREFIX = "/30";

    /** Prefix of inner IPv6 addresses. */
    public static final String IPV6_PREFIX = "/64";

    // RFC 5737 and RFC 3849: addresses for documentation, which no route of this machine needs
    public static final Addresses LEFT = new Addresses("192.0.2.1", "198.51.100.1", "2001:db8::1");
    public static final Addresses RIGHT = new Addresses("192.0.2.2", "198.51.100.2", "2001:db8::2");
}

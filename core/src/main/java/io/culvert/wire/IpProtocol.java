package io.culvert.wire;

/** IP protocol numbers and IPv6 next headers, as IANA assigns them in one registry. */
public final class IpProtocol {
    public static final int IPV6_HOP_BY_HOP = 0;
    public static final int ICMP = 1;

    /** IPv4 in IP (RFC 2003). Not 94, which is an older scheme of the same name. */
    public static final int IPIP = 4;

    public static final int TCP = 6;
    public static final int UDP = 17;

    /** IPv6 in IP: 6in4 and its relatives (RFC 4213). */
    public static final int IPV6 = 41;

    public static final int IPV6_ROUTING = 43;
    public static final int IPV6_FRAGMENT = 44;
    public static final int GRE = 47;
    public static final int ESP = 50;
    public static final int AH = 51;
    public static final int ICMPV6 = 58;
    public static final int IPV6_NO_NEXT_HEADER = 59;
    public static final int IPV6_DESTINATION_OPTIONS = 60;

    /** MPLS in IP (RFC 4023). */
    public static final int MPLS = 137;

    private IpProtocol() {}
}

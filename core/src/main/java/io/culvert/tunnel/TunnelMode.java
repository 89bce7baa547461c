package io.culvert.tunnel;

import io.culvert.wire.IpProtocol;

/** What stands between the outer and the inner IP header. */
public enum TunnelMode {
    /** Generic Routing Encapsulation, RFC 2784 and RFC 2890. */
    GRE("gre"),
    /** IPv4 directly in IPv4, RFC 2003. */
    IPIP("ipip"),
    /** IPv6 in IPv4 (6in4), RFC 4213; with payload {@code any} IPv4 as well. */
    SIT("sit");

    private final String word;

    TunnelMode(String word) {
        this.word = word;
    }

    /** The word of {@code ip tunnel}: {@code gre}, {@code ipip} or {@code sit}. */
    public String word() {
        return word;
    }

    /** The outer protocol number that carries an inner packet of this IP version. */
    public int outerProtocol(int innerVersion) {
        return switch (this) {
            case GRE -> IpProtocol.GRE;
            case IPIP -> IpProtocol.IPIP;
            case SIT -> innerVersion == 6 ? IpProtocol.IPV6 : IpProtocol.IPIP;
        };
    }
}

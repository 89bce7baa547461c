package io.culvert.survey;

import io.culvert.dissect.Layer;
import io.culvert.dissect.Protocol;
import io.culvert.wire.EtherType;
import io.culvert.wire.IpVersion;

/** What kind of tunnel a header belongs to, by the names that Linux has for them. */
public enum TunnelKind {
    GRE("gre"),
    /** GRE that carries Ethernet frames. */
    GRETAP("gretap"),
    /** Mirrored frames, any version. */
    ERSPAN("erspan"),
    /** GRE version 1, RFC 2637. */
    PPTP("pptp"),
    /** MikroTik's Ethernet over IP, in GRE version 1. */
    EOIP("eoip"),
    IPIP("ipip"),
    /** IPv6 in IPv4, 6in4. */
    SIT("sit"),
    IP6GRE("ip6gre"),
    IP6GRETAP("ip6gretap"),
    IP6ERSPAN("ip6erspan"),
    /** IPv4 in IPv6. */
    IPIP6("ipip6"),
    IP6IP6("ip6ip6"),
    /** MPLS directly in IP, RFC 4023. */
    MPLS("mpls"),
    /** Control messages and what else GUE carries that is no packet. */
    GUE("gue");

    private final String label;

    TunnelKind(String label) {
        this.label = label;
    }

    /** As {@code ip link} calls it. */
    public String label() {
        return label;
    }

    /** What is announced counts, and where nothing is, what is inside. */
    static TunnelKind ofIpIn(Layer outer, Layer before, Layer inner) {
        int announced = before.announcedIpVersion();
        boolean isIpv4Inside =
                announced == 0 ? inner.protocol() == Protocol.IPV4 : announced == IpVersion.IPV4;
        if (outer.protocol() == Protocol.IPV4) {
            return isIpv4Inside ? IPIP : SIT;
        }
        return isIpv4Inside ? IPIP6 : IP6IP6;
    }

    static TunnelKind ofGre(Layer outer, Layer gre) {
        if (gre.protocol() == Protocol.PPTP) {
            return PPTP;
        }
        if (gre.protocol() == Protocol.EOIP) {
            return EOIP;
        }
        boolean isOverIpv4 = outer.protocol() == Protocol.IPV4;
        return switch ((int) gre.number("protocol-type", 0)) {
            case EtherType.TEB -> isOverIpv4 ? GRETAP : IP6GRETAP;
            case EtherType.ERSPAN, EtherType.ERSPAN_III -> isOverIpv4 ? ERSPAN : IP6ERSPAN;
            default -> isOverIpv4 ? GRE : IP6GRE;
        };
    }
}

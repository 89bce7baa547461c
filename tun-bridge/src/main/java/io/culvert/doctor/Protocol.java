package io.culvert.doctor;

import io.culvert.spec.TunnelMode;
import io.culvert.wire.IpProtocol;
import java.util.List;

/** What people and kernels call the outer protocols. */
final class Protocol {
    private Protocol() {}

    /** Name and number, such as {@code GRE (IP protocol 47)}. */
    static String words(int protocol) {
        return name(protocol) + " (IP protocol " + protocol + ")";
    }

    static String name(int protocol) {
        return switch (protocol) {
            case IpProtocol.GRE -> "GRE";
            case IpProtocol.IPIP -> "IPIP";
            case IpProtocol.IPV6 -> "6in4";
            default -> "protocol " + protocol;
        };
    }

    /** The kernel modules that take the same packets as a tunnel of this mode. */
    static List<String> modules(TunnelMode mode) {
        return switch (mode) {
            case GRE -> List.of("ip_gre");
            // tunnel4 is what ipip and sit register with, and it answers for both
            case IPIP -> List.of("ipip", "tunnel4");
            case SIT -> List.of("sit", "tunnel4");
            case GRETAP -> List.of("ip_gre");
            case IP6GRE, IP6GRETAP -> List.of("ip6_gre");
            // tunnel6 is what ip6_tunnel registers with
            case IP6TNL -> List.of("ip6_tunnel", "tunnel6");
        };
    }

    /** The devices that those modules make when they are loaded. */
    static String fallbackDevice(TunnelMode mode) {
        return switch (mode) {
            case GRE -> "gre0";
            case IPIP -> "tunl0";
            case SIT -> "sit0";
            case GRETAP -> "gretap0";
            case IP6GRE, IP6GRETAP -> "ip6gre0";
            case IP6TNL -> "ip6tnl0";
        };
    }
}

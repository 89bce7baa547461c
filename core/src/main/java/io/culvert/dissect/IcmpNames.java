package io.culvert.dissect;

import io.culvert.wire.Icmpv4Message;
import io.culvert.wire.Icmpv6Message;

/** What the types and codes of ICMP (RFC 792) and ICMPv6 (RFC 4443) are called. */
final class IcmpNames {
    private static final String[] UNREACHABLE_4 = {
        "net unreachable", "host unreachable", "protocol unreachable", "port unreachable",
        "fragmentation needed", "source route failed", "net unknown", "host unknown",
        "source host isolated", "net prohibited", "host prohibited", "net unreachable for TOS",
        "host unreachable for TOS", "administratively prohibited"
    };
    private static final String[] TIME_EXCEEDED = {
        "time exceeded in transit", "reassembly time exceeded"
    };
    private static final String[] UNREACHABLE_6 = {
        "no route",
        "administratively prohibited",
        "beyond scope of source",
        "address unreachable",
        "port unreachable",
        "source failed policy",
        "reject route"
    };
    private static final String[] PARAMETER_6 = {
        "erroneous header field", "unrecognized next header", "unrecognized option"
    };

    private IcmpNames() {}

    static String type4(int type) {
        return switch (type) {
            case Icmpv4Message.ECHO_REPLY -> "echo reply";
            case Icmpv4Message.DESTINATION_UNREACHABLE -> "destination unreachable";
            case Icmpv4Message.SOURCE_QUENCH -> "source quench";
            case Icmpv4Message.REDIRECT -> "redirect";
            case Icmpv4Message.ECHO_REQUEST -> "echo request";
            case 9 -> "router advertisement";
            case 10 -> "router solicitation";
            case Icmpv4Message.TIME_EXCEEDED -> "time exceeded";
            case Icmpv4Message.PARAMETER_PROBLEM -> "parameter problem";
            case 13 -> "timestamp request";
            case 14 -> "timestamp reply";
            default -> "";
        };
    }

    static String code4(int type, int code) {
        return switch (type) {
            case Icmpv4Message.DESTINATION_UNREACHABLE -> name(UNREACHABLE_4, code);
            case Icmpv4Message.TIME_EXCEEDED -> name(TIME_EXCEEDED, code);
            default -> "";
        };
    }

    static String type6(int type) {
        return switch (type) {
            case Icmpv6Message.DESTINATION_UNREACHABLE -> "destination unreachable";
            case Icmpv6Message.PACKET_TOO_BIG -> "packet too big";
            case Icmpv6Message.TIME_EXCEEDED -> "time exceeded";
            case Icmpv6Message.PARAMETER_PROBLEM -> "parameter problem";
            case Icmpv6Message.ECHO_REQUEST -> "echo request";
            case Icmpv6Message.ECHO_REPLY -> "echo reply";
            case 130 -> "multicast listener query";
            case 131 -> "multicast listener report";
            case 132 -> "multicast listener done";
            case 133 -> "router solicitation";
            case 134 -> "router advertisement";
            case Icmpv6Message.NEIGHBOR_SOLICITATION -> "neighbor solicitation";
            case Icmpv6Message.NEIGHBOR_ADVERTISEMENT -> "neighbor advertisement";
            case Icmpv6Message.REDIRECT -> "redirect";
            case 143 -> "multicast listener report v2";
            default -> "";
        };
    }

    static String code6(int type, int code) {
        return switch (type) {
            case Icmpv6Message.DESTINATION_UNREACHABLE -> name(UNREACHABLE_6, code);
            case Icmpv6Message.TIME_EXCEEDED -> name(TIME_EXCEEDED, code);
            case Icmpv6Message.PARAMETER_PROBLEM -> name(PARAMETER_6, code);
            default -> "";
        };
    }

    private static String name(String[] names, int code) {
        return code < names.length ? names[code] : "";
    }
}

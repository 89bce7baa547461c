package io.culvert.doctor.firewall;

import io.culvert.wire.IpProtocol;
import java.util.Locale;

/** Protocols as packet filters write them: numbers, and the names of /etc/protocols. */
final class ProtocolWords {
    private static final int NONE_OF_OURS = -2;

    private ProtocolWords() {}

    /** The number; a name that is none of a tunnel's becomes one that no packet has. */
    static int number(String word) {
        if (word.matches("[0-9]{1,3}")) {
            return Integer.parseInt(word);
        }
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "gre" -> IpProtocol.GRE;
            case "ipencap", "ipip", "ipv4", "ip-encap" -> IpProtocol.IPIP;
            case "ipv6", "ipv6-tunnel" -> IpProtocol.IPV6;
            default -> NONE_OF_OURS;
        };
    }
}

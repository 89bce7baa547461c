package io.culvert.survey;

import io.culvert.dissect.Protocol;
import java.util.OptionalLong;

/**
 * What tells one tunnel's packets of one direction from all others.
 *
 * @param depth in how many tunnels it lies, itself included
 * @param source outer source address, as text
 * @param destination outer destination address, as text
 * @param wrapper what stands around it in UDP; empty without UDP
 * @param udpPort the destination port; 0 without UDP
 * @param key GRE's key, PPTP's call ID, EoIP's tunnel ID or ERSPAN's session
 */
public record TunnelId(
        int depth,
        TunnelKind kind,
        String source,
        String destination,
        String wrapper,
        int udpPort,
        OptionalLong key) {

    /** The port of GRE-in-UDP, RFC 8086 §8. */
    private static final int GRE_IN_UDP = 4754;

    /** The tunnel that a header belongs to. */
    public static TunnelId of(TunnelHeader header) {
        return new TunnelId(
                header.depth(),
                header.kind(),
                header.outer().value("source"),
                header.outer().value("destination"),
                wrapper(header),
                header.udp() == null ? 0 : (int) header.udp().number("destination-port", 0),
                key(header));
    }

    /** The same with the endpoints swapped: whether that may be the tunnel's other direction. */
    public boolean isReverseOf(TunnelId other) {
        return depth == other.depth
                && kind == other.kind
                && source.equals(other.destination)
                && destination.equals(other.source);
    }

    /** What the number in {@link #key} is called: only that of GRE and ERSPAN is a key. */
    public String keyWord() {
        return switch (kind) {
            case PPTP -> "call";
            case EOIP -> "tunnel-id";
            default -> "key";
        };
    }

    /** {@code key 7}; empty without one. */
    public String keyText() {
        return key.isPresent() ? keyWord() + " " + key.getAsLong() : "";
    }

    private static String wrapper(TunnelHeader header) {
        if (header.udp() == null) {
            return "";
        }
        if (header.gue() != null) {
            return "gue";
        }
        boolean isGreInUdp =
                header.gre() != null && header.udp().number("destination-port", 0) == GRE_IN_UDP;
        return isGreInUdp ? "gre-in-udp" : "fou";
    }

    private static OptionalLong key(TunnelHeader header) {
        if (header.gre() == null) {
            return OptionalLong.empty();
        }
        String name =
                switch (header.gre().protocol()) {
                    case PPTP -> "call-id";
                    case EOIP -> "tunnel-id";
                    default -> "key";
                };
        if (header.gre().has(name)) {
            return OptionalLong.of(header.gre().number(name, 0));
        }
        boolean isErspan = header.next() != null && header.next().protocol() == Protocol.ERSPAN;
        return isErspan && header.next().has("session-id")
                ? OptionalLong.of(header.next().number("session-id", 0))
                : OptionalLong.empty();
    }
}

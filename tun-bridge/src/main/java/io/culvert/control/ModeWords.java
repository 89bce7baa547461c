package io.culvert.control;

import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What {@code type} and {@code mode} say together. {@code ip tunnel} says the tunnel's mode with
 * {@code mode}; {@code ip link} says it with {@code type}, and its {@code mode} is the payload.
 * Both are understood, and {@code mode sit mode any} as well.
 *
 * @param mode what stands between the headers
 * @param payload which IP versions are carried
 */
record ModeWords(TunnelMode mode, Payload payload) {
    private static final Set<String> MODES_NOT_OFFERED =
            Set.of(
                    "erspan",
                    "gretap",
                    "ip6erspan",
                    "ip6gre",
                    "ip6gretap",
                    "ip6ip6",
                    "ip6tnl",
                    "ipip6",
                    "isatap",
                    "vti",
                    "vti6");

    static ModeWords of(List<WordUse> uses, String name) {
        String type = null;
        List<String> modes = new ArrayList<>();
        for (WordUse use : uses) {
            if (use.word() == Word.TYPE) {
                type = use.value();
            } else if (use.word() == Word.MODE) {
                modes.add(use.value());
            }
        }
        if (type != null) {
            if (modes.size() > 1) {
                throw new WordsException("\"mode\" is given twice");
            }
            String payload = modes.isEmpty() ? null : modes.get(0);
            if (payload != null && modeOrNull(payload) != null && payloadOrNull(payload) == null) {
                throw new WordsException(
                        "\"type\" and \"mode " + payload + "\" both say the mode: give one");
            }
            return of(mode("type", type), payload);
        }
        return switch (modes.size()) {
            case 0 -> of(modeOfName(name), null);
            case 1 -> of(mode("mode", modes.get(0)), null);
            case 2 ->
                    isSwapped(modes.get(0), modes.get(1))
                            ? of(mode("mode", modes.get(1)), modes.get(0))
                            : of(mode("mode", modes.get(0)), modes.get(1));
            default -> throw new WordsException("\"mode\" is given more than twice");
        };
    }

    /** Whether the payload stands before the mode; {@code mode ipip mode ipip} is either. */
    private static boolean isSwapped(String first, String second) {
        boolean canBeSwapped = payloadOrNull(first) != null && modeOrNull(second) != null;
        return canBeSwapped && (modeOrNull(first) == null || payloadOrNull(second) == null);
    }

    private static ModeWords of(TunnelMode mode, String payloadWord) {
        if (payloadWord == null) {
            return new ModeWords(mode, mode.payload());
        }
        Payload payload = payloadOrNull(payloadWord);
        if (payload == null && modeOrNull(payloadWord) != null) {
            throw new WordsException("\"mode\" is given twice");
        }
        if (payload == null) {
            throw new WordsException(
                    "unknown payload \""
                            + payloadWord
                            + "\" of "
                            + mode.word()
                            + ": it is any, ip6ip or ipip");
        }
        if (mode.hasGre()) {
            throw new WordsException(
                    mode.word()
                            + " carries IPv4 and IPv6 and has no payload word: leave out \""
                            + payloadWord
                            + "\"");
        }
        if (mode == TunnelMode.IPIP) {
            if (payload == Payload.IPV6) {
                throw new WordsException("ipip carries no IPv6: use \"type sit mode ip6ip\"");
            }
            // ip's "any" of ipip is IPv4 and MPLS, never IPv6; MPLS is not carried here.
            return new ModeWords(mode, Payload.IPV4);
        }
        return new ModeWords(mode, payload);
    }

    private static TunnelMode mode(String word, String text) {
        TunnelMode mode = modeOrNull(text);
        if (mode != null) {
            return mode;
        }
        if (MODES_NOT_OFFERED.contains(text)) {
            throw new WordsException(
                    word + " \"" + text + "\" is not offered: use gre, ipip or sit");
        }
        throw new WordsException("unknown " + word + " \"" + text + "\": it is gre, ipip or sit");
    }

    /** As with {@code ip tunnel}, a name that begins with a mode says the mode. */
    private static TunnelMode modeOfName(String name) {
        for (TunnelMode mode : List.of(TunnelMode.GRE, TunnelMode.IPIP, TunnelMode.SIT)) {
            if (name.startsWith(mode.word())) {
                return mode;
            }
        }
        throw new WordsException(
                "a tunnel needs a mode: \"mode gre\", \"mode ipip\" or \"mode sit\"");
    }

    private static TunnelMode modeOrNull(String text) {
        return switch (text) {
            case "gre", "gre/ip" -> TunnelMode.GRE;
            case "ipip", "ip/ip" -> TunnelMode.IPIP;
            case "sit", "ipv6/ip" -> TunnelMode.SIT;
            default -> null;
        };
    }

    private static Payload payloadOrNull(String text) {
        return switch (text) {
            case "any", "any/ipv4" -> Payload.IP;
            case "ipip", "ip4ip4", "ipv4/ipv4" -> Payload.IPV4;
            case "ip6ip", "ipv6/ipv4" -> Payload.IPV6;
            default -> null;
        };
    }
}

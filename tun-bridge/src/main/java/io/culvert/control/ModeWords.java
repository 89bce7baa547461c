package io.culvert.control;

import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import io.culvert.wire.IpVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * What {@code type} and {@code mode} say together. {@code ip tunnel} says the kind with {@code
 * mode}; {@code ip link} says it with {@code type}, and its {@code mode} is the payload. {@code ip
 * -6 tunnel} says kind and payload in one word, such as {@code mode ipip6}. All are understood, and
 * {@code mode sit mode any} as well.
 *
 * @param mode the kind
 * @param payload which IP versions are carried, or Ethernet
 */
record ModeWords(TunnelMode mode, Payload payload) {
    /** The kinds that there are, for messages. */
    static final String KINDS = "gre, ipip, sit, gretap, ip6gre, ip6gretap or ip6tnl";

    private static final Set<String> NOT_OFFERED =
            Set.of("erspan", "ip6erspan", "isatap", "vti", "vti6");

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
        return type == null ? ofModes(modes, name) : ofType(type, modes);
    }

    private static ModeWords ofType(String type, List<String> modes) {
        if (modes.size() > 1) {
            throw new WordsException("\"mode\" is given twice");
        }
        TunnelMode kind = kind("type", type);
        if (modes.isEmpty()) {
            return new ModeWords(kind, kind.payload());
        }
        String payload = modes.get(0);
        if (kindOrNull(payload) != null && payloadOrNull(kind, payload) == null) {
            throw new WordsException(
                    "\"type\" and \"mode " + payload + "\" both say the mode: give one");
        }
        return of(kind, payload);
    }

    private static ModeWords ofModes(List<String> modes, String name) {
        return switch (modes.size()) {
            case 0 -> {
                TunnelMode kind = kindOfName(name);
                yield new ModeWords(kind, kind.payload());
            }
            case 1 -> ofMode(modes.get(0));
            case 2 ->
                    isSwapped(modes.get(0), modes.get(1))
                            ? of(kind("mode", modes.get(1)), modes.get(0))
                            : of(kind("mode", modes.get(0)), modes.get(1));
            default -> throw new WordsException("\"mode\" is given more than twice");
        };
    }

    /** A kind, or what {@code ip -6 tunnel} calls one. */
    private static ModeWords ofMode(String word) {
        Payload payload = kindOrNull(word) == null ? payloadOrNull(TunnelMode.IP6TNL, word) : null;
        if (payload != null) {
            return new ModeWords(TunnelMode.IP6TNL, payload);
        }
        TunnelMode kind = kind("mode", word);
        return new ModeWords(kind, kind.payload());
    }

    /** Whether the payload stands before the mode; {@code mode ipip mode ipip} is either. */
    private static boolean isSwapped(String first, String second) {
        TunnelMode firstKind = kindOrNull(first);
        TunnelMode secondKind = kindOrNull(second);
        boolean isInOrder = firstKind != null && payloadOrNull(firstKind, second) != null;
        return secondKind != null && payloadOrNull(secondKind, first) != null && !isInOrder;
    }

    private static ModeWords of(TunnelMode kind, String payloadWord) {
        Payload payload = payloadOrNull(kind, payloadWord);
        if (payload == null && kindOrNull(payloadWord) != null) {
            throw new WordsException("\"mode\" is given twice");
        }
        if (kind.hasGre()) {
            throw new WordsException(
                    "%s has no payload word: leave out \"%s\"".formatted(kind.word(), payloadWord));
        }
        if (payload == null) {
            throw new WordsException(
                    "unknown payload \"%s\" of %s: it is %s"
                            .formatted(payloadWord, kind.word(), payloadWords(kind)));
        }
        if (kind == TunnelMode.IPIP) {
            if (payload == Payload.IPV6) {
                throw new WordsException("ipip carries no IPv6: use \"type sit mode ip6ip\"");
            }
            // ip's "any" of ipip is IPv4 and MPLS, never IPv6; MPLS is not carried here.
            return new ModeWords(kind, Payload.IPV4);
        }
        return new ModeWords(kind, payload);
    }

    private static String payloadWords(TunnelMode kind) {
        return kind.outerVersion() == IpVersion.IPV4
                ? "any, ip6ip or ipip"
                : "any, ip6ip6 or ipip6";
    }

    private static TunnelMode kind(String word, String text) {
        TunnelMode kind = kindOrNull(text);
        if (kind != null) {
            return kind;
        }
        throw new WordsException(
                NOT_OFFERED.contains(text)
                        ? "%s \"%s\" is not offered: use %s".formatted(word, text, KINDS)
                        : "unknown %s \"%s\": it is %s".formatted(word, text, KINDS));
    }

    /** As with {@code ip tunnel}, a name that begins with a mode says the mode. */
    private static TunnelMode kindOfName(String name) {
        return Arrays.stream(TunnelMode.values())
                .filter(kind -> name.startsWith(kind.word()))
                .max(Comparator.comparing(kind -> kind.word().length())) // gretap0 is no gre
                .orElseThrow(
                        () ->
                                new WordsException(
                                        "a tunnel needs a mode: \"mode KIND\", which is " + KINDS));
    }

    private static TunnelMode kindOrNull(String text) {
        return switch (text) {
            case "gre/ip" -> TunnelMode.GRE;
            case "ip/ip" -> TunnelMode.IPIP;
            case "ipv6/ip" -> TunnelMode.SIT;
            case "gre/ipv6" -> TunnelMode.IP6GRE;
            default ->
                    Arrays.stream(TunnelMode.values())
                            .filter(kind -> kind.word().equals(text))
                            .findFirst()
                            .orElse(null);
        };
    }

    /** The payload that a word says behind a kind; null when it says none. */
    private static Payload payloadOrNull(TunnelMode kind, String text) {
        return kind.outerVersion() == IpVersion.IPV4 ? overIpv4(text) : overIpv6(text);
    }

    private static Payload overIpv4(String text) {
        return switch (text) {
            case "any", "any/ipv4" -> Payload.IP;
            case "ipip", "ip4ip4", "ipv4/ipv4" -> Payload.IPV4;
            case "ip6ip", "ipv6/ipv4" -> Payload.IPV6;
            default -> null;
        };
    }

    private static Payload overIpv6(String text) {
        return switch (text) {
            case "any", "any/ipv6" -> Payload.IP;
            case "ipip6", "ip4ip6", "ipv4/ipv6", "ip/ipv6" -> Payload.IPV4;
            case "ip6ip6", "ipv6/ipv6" -> Payload.IPV6;
            default -> null;
        };
    }
}

package io.culvert.control;

import io.culvert.spec.Outer;
import io.culvert.spec.OuterIpv4;
import io.culvert.spec.OuterIpv6;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpecBuilder;
import io.culvert.wire.IpVersion;
import java.net.InetAddress;

/**
 * The words of the outer IP header. Some are the same for both versions, some mean what that
 * version has, and some belong to one version alone.
 */
final class OuterWords {
    private final TunnelMode mode;
    private final TunnelSpecBuilder spec;
    private final boolean isOverIpv6;

    /**
     * @param mode which version it is
     * @param spec takes what the words say
     */
    OuterWords(TunnelMode mode, TunnelSpecBuilder spec) {
        this.mode = mode;
        this.spec = spec;
        this.isOverIpv6 = mode.outerVersion() == IpVersion.IPV6;
    }

    /**
     * Applies a word.
     *
     * @throws WordsException when it is not for this tunnel, or its value is not
     */
    void apply(WordUse use) {
        switch (use.word()) {
            case REMOTE -> spec.remote(remote(use.value()));
            case LOCAL -> spec.local(address("local", use.value()));
            case DEV -> spec.link(use.value());
            case TTL -> spec.ttl(ttl(use));
            case TOS -> {
                if (isOverIpv6) {
                    spec.trafficClass(trafficClass(use));
                } else {
                    spec.tos(tos(use));
                }
            }
            case FLOW_LABEL, ENCAP_LIMIT, DSCP, ALLOW_LOCAL_REMOTE, NO_ALLOW_LOCAL_REMOTE -> {
                requireIpv6(use);
                applyIpv6(use);
            }
            case PMTUDISC, NO_PMTUDISC, IGNORE_DF, NO_IGNORE_DF -> {
                requireIpv4(use);
                applyFragmentation(use);
            }
            default -> throw new AssertionError(use.word() + " is no word of the outer header");
        }
    }

    private void applyIpv6(WordUse use) {
        switch (use.word()) {
            case FLOW_LABEL -> spec.flowLabel(flowLabel(use));
            case ENCAP_LIMIT -> spec.encapLimit(encapLimit(use));
            case DSCP -> {
                if (!use.value().equals("inherit")) {
                    throw TunnelWords.wrongValue(use);
                }
                spec.copiesDscp(true);
            }
            default -> spec.allowsLocalRemote(use.word() == Word.ALLOW_LOCAL_REMOTE);
        }
    }

    private void applyFragmentation(WordUse use) {
        switch (use.word()) {
            case PMTUDISC, NO_PMTUDISC -> spec.pmtudisc(use.word() == Word.PMTUDISC);
            default -> spec.ignoreDf(use.word() == Word.IGNORE_DF);
        }
    }

    private void requireIpv6(WordUse use) {
        if (!isOverIpv6) {
            throw new WordsException(
                    "\"%s\" is for tunnels over IPv6 (ip6gre, ip6gretap, ip6tnl), not for %s"
                            .formatted(use.spelling(), mode.word()));
        }
    }

    private void requireIpv4(WordUse use) {
        if (isOverIpv6) {
            throw new WordsException(
                    "\"%s\" is for tunnels over IPv4: leave it out, %s never fragments outer packets"
                            .formatted(use.spelling(), mode.word()));
        }
    }

    private InetAddress remote(String text) {
        InetAddress address = address("remote", text);
        if (address == null) {
            throw new WordsException(
                    "\"remote any\" is a point-to-multipoint tunnel, which is not offered:"
                            + " give the address of one peer");
        }
        return address;
    }

    /** Null for any. */
    private InetAddress address(String word, String text) {
        if (text.equals("any")) {
            return null;
        }
        if (AddressWords.looksLikeIpv6(text) != isOverIpv6 && AddressWords.isAddress(text)) {
            throw new WordsException(otherVersion(word, text));
        }
        try {
            InetAddress address = isOverIpv6 ? AddressWords.ipv6(text) : AddressWords.ipv4(text);
            return address.isAnyLocalAddress() ? null : address;
        } catch (IllegalArgumentException e) {
            throw new WordsException(word + ": " + e.getMessage(), e);
        }
    }

    private String otherVersion(String word, String text) {
        return "%s %s is IPv%s, and %s has IPv%s outside; over IPv%3$s there are %s"
                .formatted(
                        word,
                        text,
                        isOverIpv6 ? "4" : "6",
                        mode.word(),
                        isOverIpv6 ? "6" : "4",
                        isOverIpv6 ? "gre, gretap, ipip and sit" : "ip6gre, ip6gretap and ip6tnl");
    }

    private static int ttl(WordUse use) {
        boolean isInherit = use.value().equals("inherit");
        return isInherit ? Outer.TTL_INHERIT : (int) TunnelWords.number(use, 0, 255);
    }

    private static int tos(WordUse use) {
        String text = use.value();
        if (text.equals("inherit")) {
            return OuterIpv4.TOS_INHERIT;
        }
        boolean inherits = text.startsWith("inherit/");
        int value = NumberWords.dsfield(inherits ? text.substring("inherit/".length()) : text);
        if (value < 0) {
            throw TunnelWords.wrongValue(use);
        }
        return inherits ? OuterIpv4.TOS_INHERIT | value : value;
    }

    private static int trafficClass(WordUse use) {
        boolean isInherit = use.value().equals("inherit");
        return isInherit ? OuterIpv6.INHERIT : valid(use, NumberWords.dsfield(use.value()));
    }

    private static int flowLabel(WordUse use) {
        boolean isInherit = use.value().equals("inherit");
        return isInherit
                ? OuterIpv6.INHERIT
                : valid(use, NumberWords.hexadecimal(use.value(), OuterIpv6.MOST_FLOW_LABEL));
    }

    private static int encapLimit(WordUse use) {
        boolean isNone = use.value().equals("none");
        return isNone ? OuterIpv6.NO_ENCAP_LIMIT : (int) TunnelWords.number(use, 0, 255);
    }

    private static int valid(WordUse use, int value) {
        if (value < 0) {
            throw TunnelWords.wrongValue(use);
        }
        return value;
    }
}

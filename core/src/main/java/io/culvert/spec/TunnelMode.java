package io.culvert.spec;

import io.culvert.wire.IpVersion;
import java.util.Arrays;
import java.util.List;

/**
 * The kinds of tunnel that users know by a word: names for combinations of outer header, header and
 * payload. Packets are handled by these choices; a kind is for words, and for what people read.
 */
public enum TunnelMode {
    /** Generic Routing Encapsulation in IPv4, RFC 2784 and RFC 2890. */
    GRE("gre", IpVersion.IPV4, Gre.PLAIN, Payload.IP),
    /** IPv4 directly in IPv4, RFC 2003. */
    IPIP("ipip", IpVersion.IPV4, new Header.None(), Payload.IPV4),
    /** IPv6 in IPv4 (6in4), RFC 4213; with payload {@code any} IPv4 as well. */
    SIT("sit", IpVersion.IPV4, new Header.None(), Payload.IPV6),
    /** Ethernet in GRE in IPv4. */
    GRETAP("gretap", IpVersion.IPV4, Gre.PLAIN, Payload.ETHERNET),
    /** GRE in IPv6, RFC 7676. */
    IP6GRE("ip6gre", IpVersion.IPV6, Gre.PLAIN, Payload.IP),
    /** Ethernet in GRE in IPv6. */
    IP6GRETAP("ip6gretap", IpVersion.IPV6, Gre.PLAIN, Payload.ETHERNET),
    /** IPv4 or IPv6 directly in IPv6, RFC 2473. */
    IP6TNL("ip6tnl", IpVersion.IPV6, new Header.None(), Payload.IP);

    private final String word;
    private final int outerVersion;
    private final Header header;
    private final Payload payload;

    TunnelMode(String word, int outerVersion, Header header, Payload payload) {
        this.word = word;
        this.outerVersion = outerVersion;
        this.header = header;
        this.payload = payload;
    }

    /** The kind that a combination has. */
    public static TunnelMode of(TunnelSpec spec) {
        return Arrays.stream(values())
                .filter(
                        mode ->
                                mode.outerVersion == spec.outer().ipVersion()
                                        && mode.header.getClass() == spec.header().getClass()
                                        && mode.payloads().contains(spec.payload()))
                .findFirst()
                .orElseThrow();
    }

    /** A tunnel's kind and, where it is not the usual one, its payload: {@code sit any}. */
    public static String words(TunnelSpec spec) {
        TunnelMode mode = of(spec);
        boolean isUsual = spec.payload() == mode.payload;
        return mode.word + (isUsual ? "" : " " + mode.payloadWord(spec.payload()));
    }

    /** The word of {@code ip link}'s {@code type}, for example {@code gre}. */
    public String word() {
        return word;
    }

    /** The version of the outer IP header, 4 or 6. */
    public int outerVersion() {
        return outerVersion;
    }

    /** Whether a GRE header stands between outer header and payload. */
    public boolean hasGre() {
        return header instanceof Gre;
    }

    /** The header between outer header and payload, without options. */
    Header header() {
        return header;
    }

    /** What it carries when nobody says. */
    public Payload payload() {
        return payload;
    }

    /** What it may carry. */
    public List<Payload> payloads() {
        return switch (this) {
            case GRE, IP6GRE -> List.of(Payload.IP, Payload.IPV4, Payload.IPV6);
            case GRETAP, IP6GRETAP -> List.of(Payload.ETHERNET);
            case IPIP -> List.of(Payload.IPV4);
            case SIT -> List.of(Payload.IPV6, Payload.IP, Payload.IPV4);
            case IP6TNL -> List.of(Payload.IP, Payload.IPV4, Payload.IPV6);
        };
    }

    /** The word of {@code ip link}'s {@code mode} for a payload, for example {@code ip6ip}. */
    public String payloadWord(Payload carried) {
        return switch (carried) {
            case IPV4 -> outerVersion == IpVersion.IPV4 ? "ipip" : "ipip6";
            case IPV6 -> outerVersion == IpVersion.IPV4 ? "ip6ip" : "ip6ip6";
            case IP -> "any";
            case ETHERNET -> word;
        };
    }
}

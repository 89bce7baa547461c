package io.culvert.control;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The words that describe a tunnel: those of {@code ip tunnel} and {@code ip link}, and ours. */
enum Word {
    NAME("name", "a device name", Setting.NAME),
    TYPE("type", ModeWords.KINDS, Setting.TYPE),
    MODE("mode", ModeWords.KINDS),
    REMOTE("remote", "an address", Setting.REMOTE),
    LOCAL("local", "an address or any", Setting.LOCAL),
    DEV("dev", "a device name", Setting.LINK),
    TTL(List.of("ttl", "hoplimit", "hlim"), "1 to 255 or inherit", Setting.TTL),
    TOS(
            List.of("tos", "dsfield", "tclass"),
            "two hexadecimal digits, a name or inherit",
            Setting.TOS),
    FLOW_LABEL("flowlabel", "0 to fffff or inherit", Setting.FLOW_LABEL),
    ENCAP_LIMIT("encaplimit", "0 to 255 or none", Setting.ENCAP_LIMIT),
    DSCP("dscp", "inherit", Setting.DSCP),
    ALLOW_LOCAL_REMOTE("allow-localremote", Setting.LOCAL_REMOTE),
    NO_ALLOW_LOCAL_REMOTE("noallow-localremote", Setting.LOCAL_REMOTE),
    KEY("key", "a number or a dotted quad", Setting.INPUT_KEY, Setting.OUTPUT_KEY),
    INPUT_KEY("ikey", "a number or a dotted quad", Setting.INPUT_KEY),
    OUTPUT_KEY("okey", "a number or a dotted quad", Setting.OUTPUT_KEY),
    NO_KEY("nokey", Setting.INPUT_KEY, Setting.OUTPUT_KEY),
    NO_INPUT_KEY("noikey", Setting.INPUT_KEY),
    NO_OUTPUT_KEY("nookey", Setting.OUTPUT_KEY),
    CHECKSUM("csum", Setting.INPUT_CHECKSUM, Setting.OUTPUT_CHECKSUM),
    INPUT_CHECKSUM("icsum", Setting.INPUT_CHECKSUM),
    OUTPUT_CHECKSUM("ocsum", Setting.OUTPUT_CHECKSUM),
    NO_CHECKSUM("nocsum", Setting.INPUT_CHECKSUM, Setting.OUTPUT_CHECKSUM),
    NO_INPUT_CHECKSUM("noicsum", Setting.INPUT_CHECKSUM),
    NO_OUTPUT_CHECKSUM("noocsum", Setting.OUTPUT_CHECKSUM),
    SEQUENCE("seq", Setting.INPUT_SEQUENCE, Setting.OUTPUT_SEQUENCE),
    INPUT_SEQUENCE("iseq", Setting.INPUT_SEQUENCE),
    OUTPUT_SEQUENCE("oseq", Setting.OUTPUT_SEQUENCE),
    NO_SEQUENCE("noseq", Setting.INPUT_SEQUENCE, Setting.OUTPUT_SEQUENCE),
    NO_INPUT_SEQUENCE("noiseq", Setting.INPUT_SEQUENCE),
    NO_OUTPUT_SEQUENCE("nooseq", Setting.OUTPUT_SEQUENCE),
    PMTUDISC("pmtudisc", Setting.PMTUDISC),
    NO_PMTUDISC("nopmtudisc", Setting.PMTUDISC),
    IGNORE_DF("ignore-df", Setting.IGNORE_DF),
    NO_IGNORE_DF("noignore-df", Setting.IGNORE_DF),
    MTU("mtu", "a number of bytes", Setting.MTU),
    ADDRESS("address", "an address with its length, such as 192.168.1.1/30"),
    PEER("peer", "an address"),
    ROUTE("route", "a network, such as 172.31.240.0/20"),
    OFFLOAD("offload", "auto, on or off", Setting.OFFLOAD),
    KEEPALIVE(
            "keepalive",
            "0.1 to 32767 seconds, or these with 1 to 255 retries, such as 10:3",
            Setting.KEEPALIVE),
    KEEPALIVE_CARRIER("keepalive-carrier", Setting.KEEPALIVE_CARRIER);

    /** What a word sets. A word that sets nothing here may be given more than once. */
    private enum Setting {
        NAME,
        TYPE,
        REMOTE,
        LOCAL,
        LINK,
        TTL,
        TOS,
        FLOW_LABEL,
        ENCAP_LIMIT,
        DSCP,
        LOCAL_REMOTE,
        INPUT_KEY,
        OUTPUT_KEY,
        INPUT_CHECKSUM,
        OUTPUT_CHECKSUM,
        INPUT_SEQUENCE,
        OUTPUT_SEQUENCE,
        PMTUDISC,
        IGNORE_DF,
        MTU,
        OFFLOAD,
        KEEPALIVE,
        KEEPALIVE_CARRIER
    }

    /** Words of {@code ip tunnel} and {@code ip link} that ask for what is not built. */
    static final Set<String> NOT_OFFERED =
            Set.of(
                    "6rd-prefix",
                    "6rd-relay_prefix",
                    "6rd-reset",
                    "encap",
                    "encap-csum",
                    "encap-csum6",
                    "encap-dport",
                    "encap-remcsum",
                    "encap-sport",
                    "erspan",
                    "erspan_dir",
                    "erspan_hwid",
                    "erspan_ver",
                    "external",
                    "fwmark",
                    "isatap",
                    "noencap",
                    "noencap-csum",
                    "noencap-csum6",
                    "noencap-remcsum",
                    "prl-default",
                    "prl-delete",
                    "prl-nodefault");

    private static final Map<String, Word> BY_SPELLING =
            Arrays.stream(values())
                    .flatMap(word -> word.spellings.stream().map(s -> Map.entry(s, word)))
                    .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    private final List<String> spellings;
    private final String valueHint;
    private final Set<Setting> settings;

    Word(List<String> spellings, String valueHint, Setting... settings) {
        this.spellings = spellings;
        this.valueHint = valueHint;
        this.settings = EnumSet.noneOf(Setting.class);
        this.settings.addAll(Arrays.asList(settings));
    }

    Word(String spelling, String valueHint, Setting... settings) {
        this(List.of(spelling), valueHint, settings);
    }

    Word(String spelling, Setting... settings) {
        this(List.of(spelling), null, settings);
    }

    /** The word that is spelled like this, or null. */
    static Word of(String spelling) {
        return BY_SPELLING.get(spelling);
    }

    /** Every spelling of every word, sorted. */
    static List<String> allSpellings() {
        return BY_SPELLING.keySet().stream().sorted().toList();
    }

    /** Its spellings, the usual one first. */
    List<String> spellings() {
        return spellings;
    }

    /** Whether a value follows. */
    boolean takesValue() {
        return valueHint != null;
    }

    /** What a value looks like, for a message; null when none follows. */
    String valueHint() {
        return valueHint;
    }

    /** Whether the value is a name that somebody chose, and may look like one of our words. */
    boolean takesName() {
        return this == NAME || this == DEV;
    }

    /** Whether both words set the same thing. */
    boolean overlaps(Word other) {
        return settings.stream().anyMatch(other.settings::contains);
    }

    /** Whether this word sets all that the other sets and more, as {@code key} to {@code okey}. */
    boolean isBroaderThan(Word other) {
        return settings.size() > other.settings.size() && settings.containsAll(other.settings);
    }
}

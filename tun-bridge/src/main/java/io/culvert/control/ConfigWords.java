package io.culvert.control;

import io.culvert.device.Offload;
import io.culvert.netlink.IpPrefix;
import io.culvert.spec.Outer;
import io.culvert.spec.OuterIpv4;
import io.culvert.spec.OuterIpv4.Fragmentation;
import io.culvert.spec.OuterIpv6;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * A tunnel as the words that {@link TunnelWords} reads, for another process to look at it and for
 * commands that a person copies.
 */
public final class ConfigWords {
    private final List<String> words = new ArrayList<>();

    private ConfigWords() {}

    /** The words, the name first. */
    static List<String> of(TunnelConfig config) {
        ConfigWords all = new ConfigWords();
        all.addSpec(config.spec());
        for (InterfaceAddress address : config.addresses()) {
            all.add(address);
        }
        config.routes().forEach(route -> all.add("route", route.toString()));
        if (config.offload() != Offload.AUTO) {
            all.add("offload", config.offload().name().toLowerCase(Locale.ROOT));
        }
        return List.copyOf(all.words);
    }

    /** What a person types behind {@code culvert run}; the name first. */
    public static String text(TunnelConfig config) {
        List<String> all = of(config);
        boolean isPlainName = Word.of(config.spec().name()) == null;
        return String.join(" ", isPlainName ? all.subList(1, all.size()) : all);
    }

    private void addSpec(TunnelSpec spec) {
        add("name", spec.name());
        add("mode", spec.word());
        if (spec.payload() != TunnelMode.of(spec).payload()) {
            words.add(TunnelMode.of(spec).payloadWord(spec.payload()));
        }
        add("remote", IpPrefix.text(spec.remote()));
        if (spec.local() != null) {
            add("local", IpPrefix.text(spec.local()));
        }
        if (spec.link() != null) {
            add("dev", spec.link());
        }
        if (spec.outer() instanceof OuterIpv6 outer) {
            add(outer);
        } else {
            add((OuterIpv4) spec.outer());
        }
        if (spec.gre().inputKey().equals(spec.gre().outputKey())) {
            addKey("key", spec.gre().inputKey());
        } else {
            addKey("ikey", spec.gre().inputKey());
            addKey("okey", spec.gre().outputKey());
        }
        addWays(spec.gre().inputChecksum(), spec.gre().outputChecksum(), "csum");
        addWays(spec.gre().inputSequence(), spec.gre().outputSequence(), "seq");
        if (spec.device().innerMtu() != 0) {
            add("mtu", "" + spec.device().innerMtu());
        }
        if (spec.device().keepalive() != null) {
            add("keepalive", spec.device().keepalive().toString());
            addIf(spec.device().keepalive().carrierFollows(), "keepalive-carrier");
        }
    }

    private void add(OuterIpv4 outer) {
        if (outer.ttl() != Outer.TTL_INHERIT) {
            add("ttl", "" + outer.ttl());
        }
        if (outer.tos() != 0) {
            add("tos", tos(outer));
        }
        addIf(!outer.pmtudisc(), "nopmtudisc");
        addIf(outer.fragmentation() == Fragmentation.ALWAYS_ALLOWED, "ignore-df");
    }

    private void add(OuterIpv6 outer) {
        add("hoplimit", outer.ttl() == Outer.TTL_INHERIT ? "inherit" : "" + outer.ttl());
        if (outer.trafficClass() != 0) {
            add("tclass", inheritOrHex(outer.trafficClass(), "%02x"));
        }
        if (outer.flowLabel() != 0) {
            add("flowlabel", inheritOrHex(outer.flowLabel(), "0x%05x"));
        }
        if (outer.encapLimit() != OuterIpv6.DEFAULT_ENCAP_LIMIT) {
            boolean isNone = outer.encapLimit() == OuterIpv6.NO_ENCAP_LIMIT;
            add("encaplimit", isNone ? "none" : "" + outer.encapLimit());
        }
        if (outer.copiesDscp()) {
            add("dscp", "inherit");
        }
        addIf(outer.allowsLocalRemote(), "allow-localremote");
    }

    /** Hexadecimal, or {@code inherit}. */
    static String inheritOrHex(int value, String format) {
        return value == OuterIpv6.INHERIT ? "inherit" : String.format(format, value);
    }

    /** What follows the word {@code tos}: hexadecimal, {@code inherit} or {@code inherit/10}. */
    static String tos(OuterIpv4 outer) {
        int fixed = outer.tos() & ~OuterIpv4.TOS_INHERIT;
        String hex = String.format("%02x", outer.inheritsTos() ? fixed : outer.tos());
        return outer.inheritsTos() ? fixed == 0 ? "inherit" : "inherit/" + hex : hex;
    }

    private void add(InterfaceAddress address) {
        if (address.peer() == null) {
            add("address", address.toString());
        } else {
            add("address", IpPrefix.text(address.address()));
            add("peer", IpPrefix.text(address.peer()) + "/" + address.prefixLengthBits());
        }
    }

    private void addKey(String word, OptionalInt key) {
        key.ifPresent(bits -> add(word, Integer.toUnsignedString(bits)));
    }

    /** One word for both ways, or that of the one way. */
    private void addWays(boolean isInput, boolean isOutput, String word) {
        addIf(isInput && isOutput, word);
        addIf(isInput && !isOutput, "i" + word);
        addIf(!isInput && isOutput, "o" + word);
    }

    private void addIf(boolean isSo, String word) {
        if (isSo) {
            words.add(word);
        }
    }

    private void add(String word, String value) {
        words.add(word);
        words.add(value);
    }
}

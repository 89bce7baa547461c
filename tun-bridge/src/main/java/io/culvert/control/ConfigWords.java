package io.culvert.control;

import io.culvert.device.Offload;
import io.culvert.netlink.IpPrefix;
import io.culvert.tunnel.Payload;
import io.culvert.tunnel.TunnelMode;
import io.culvert.tunnel.TunnelSpec;
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
        add("mode", spec.mode().word());
        if (spec.mode() == TunnelMode.SIT && spec.payload() != Payload.IPV6) {
            words.add(spec.payload().word());
        }
        add("remote", IpPrefix.text(spec.remote()));
        if (spec.local() != null) {
            add("local", IpPrefix.text(spec.local()));
        }
        if (spec.link() != null) {
            add("dev", spec.link());
        }
        if (spec.ttl() != TunnelSpec.TTL_INHERIT) {
            add("ttl", "" + spec.ttl());
        }
        if (spec.tos() != 0) {
            add("tos", tos(spec));
        }
        if (spec.inputKey().equals(spec.outputKey())) {
            addKey("key", spec.inputKey());
        } else {
            addKey("ikey", spec.inputKey());
            addKey("okey", spec.outputKey());
        }
        addWays(spec.inputChecksum(), spec.outputChecksum(), "csum");
        addWays(spec.inputSequence(), spec.outputSequence(), "seq");
        addIf(!spec.pmtudisc(), "nopmtudisc");
        addIf(spec.ignoreDf(), "ignore-df");
        if (spec.innerMtu() != 0) {
            add("mtu", "" + spec.innerMtu());
        }
        if (spec.keepalive() != null) {
            add("keepalive", spec.keepalive().toString());
            addIf(spec.keepalive().carrierFollows(), "keepalive-carrier");
        }
    }

    /** What follows the word {@code tos}: hexadecimal, {@code inherit} or {@code inherit/10}. */
    static String tos(TunnelSpec spec) {
        int fixed = spec.tos() & ~TunnelSpec.TOS_INHERIT;
        String hex = String.format("%02x", spec.inheritsTos() ? fixed : spec.tos());
        return spec.inheritsTos() ? fixed == 0 ? "inherit" : "inherit/" + hex : hex;
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

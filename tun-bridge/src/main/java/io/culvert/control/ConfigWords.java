package io.culvert.control;

import io.culvert.netlink.IpPrefix;
import io.culvert.tunnel.Payload;
import io.culvert.tunnel.TunnelMode;
import io.culvert.tunnel.TunnelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * A tunnel as the words that {@link TunnelWords} reads: what it sends and takes, its addresses and
 * its routes, for another process to look at it.
 */
final class ConfigWords {
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
        return List.copyOf(all.words);
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
        addKey("ikey", spec.inputKey());
        addKey("okey", spec.outputKey());
        addIf(spec.inputChecksum(), "icsum");
        addIf(spec.outputChecksum(), "ocsum");
        addIf(spec.inputSequence(), "iseq");
        addIf(spec.outputSequence(), "oseq");
        addIf(!spec.pmtudisc(), "nopmtudisc");
        addIf(spec.ignoreDf(), "ignore-df");
        if (spec.innerMtu() != 0) {
            add("mtu", "" + spec.innerMtu());
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

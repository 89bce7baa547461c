package io.culvert.control;

import io.culvert.spec.Outer;
import io.culvert.spec.OuterIpv4;
import io.culvert.spec.OuterIpv6;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import java.net.InetAddress;
import java.util.OptionalInt;
import java.util.StringJoiner;

/**
 * The line that says a tunnel is up, for example {@code tun0: up, gre 192.0.2.1 -> 192.0.2.2, mtu
 * 1476, ttl inherit, pmtudisc}.
 */
public final class UpLine {
    private UpLine() {}

    /**
     * The line for a tunnel.
     *
     * @param state how its device is, in words, such as {@code up}
     * @param innerMtu the MTU in bytes that the device was given
     * @param offload what the device's offload is in use, in words; empty to leave it out
     * @param lanes how many lanes carry it, in words; empty to leave it out
     */
    public static String of(
            TunnelSpec spec, String state, int innerMtu, String offload, String lanes) {
        StringJoiner line = new StringJoiner(", ", spec.name() + ": ", "");
        line.add(state);
        line.add(TunnelMode.words(spec) + " " + any(spec.local()) + " -> " + any(spec.remote()));
        if (spec.link() != null) {
            line.add("dev " + spec.link());
        }
        line.add("mtu " + innerMtu);
        addOuter(line, spec);
        addKeys(line, spec.gre().inputKey(), spec.gre().outputKey());
        addPair(line, "csum", spec.gre().inputChecksum(), spec.gre().outputChecksum());
        addPair(line, "seq", spec.gre().inputSequence(), spec.gre().outputSequence());
        if (spec.outer() instanceof OuterIpv4 outer) {
            line.add(outer.pmtudisc() ? "pmtudisc" : "nopmtudisc");
            if (outer.fragmentation() == OuterIpv4.Fragmentation.ALWAYS_ALLOWED) {
                line.add("ignore-df");
            }
        }
        if (spec.device().keepalive() != null) {
            line.add("keepalive " + spec.device().keepalive());
            if (spec.device().keepalive().carrierFollows()) {
                line.add("keepalive-carrier");
            }
        }
        if (!offload.isEmpty()) {
            line.add("offload " + offload);
        }
        if (!lanes.isEmpty()) {
            line.add("lanes " + lanes);
        }
        return line.toString();
    }

    private static void addOuter(StringJoiner line, TunnelSpec spec) {
        int ttl = spec.outer().ttl();
        String ttlWord = ttl == Outer.TTL_INHERIT ? "inherit" : "" + ttl;
        if (spec.outer() instanceof OuterIpv6 outer) {
            boolean hasLimit = outer.encapLimit() != OuterIpv6.NO_ENCAP_LIMIT;
            line.add("hoplimit " + ttlWord);
            line.add("encaplimit " + (hasLimit ? outer.encapLimit() : "none"));
            if (outer.trafficClass() != 0) {
                line.add("tclass " + ConfigWords.inheritOrHex(outer.trafficClass(), "0x%02x"));
            }
            if (outer.flowLabel() != 0) {
                line.add("flowlabel " + ConfigWords.inheritOrHex(outer.flowLabel(), "0x%05x"));
            }
            if (outer.copiesDscp()) {
                line.add("dscp inherit");
            }
            return;
        }
        line.add("ttl " + ttlWord);
        OuterIpv4 outer = (OuterIpv4) spec.outer();
        if (outer.tos() != 0) {
            line.add("tos " + tos(outer));
        }
    }

    private static String any(InetAddress address) {
        return address == null ? "any" : AddressWords.text(address);
    }

    private static String tos(OuterIpv4 outer) {
        if (!outer.inheritsTos()) {
            return String.format("0x%02x", outer.tos());
        }
        int rest = outer.tos() & ~OuterIpv4.TOS_INHERIT;
        return rest == 0 ? "inherit" : String.format("inherit/0x%02x", rest);
    }

    private static void addKeys(StringJoiner line, OptionalInt input, OptionalInt output) {
        if (input.equals(output)) {
            input.ifPresent(key -> line.add("key " + Integer.toUnsignedString(key)));
            return;
        }
        input.ifPresent(key -> line.add("ikey " + Integer.toUnsignedString(key)));
        output.ifPresent(key -> line.add("okey " + Integer.toUnsignedString(key)));
    }

    private static void addPair(StringJoiner line, String word, boolean input, boolean output) {
        if (input || output) {
            line.add((input && output ? "" : input ? "i" : "o") + word);
        }
    }
}

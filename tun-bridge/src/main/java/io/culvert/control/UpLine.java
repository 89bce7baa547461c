package io.culvert.control;

import io.culvert.tunnel.Payload;
import io.culvert.tunnel.TunnelMode;
import io.culvert.tunnel.TunnelSpec;
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
        line.add(mode(spec) + " " + any(spec.local()) + " -> " + any(spec.remote()));
        if (spec.link() != null) {
            line.add("dev " + spec.link());
        }
        line.add("mtu " + innerMtu);
        line.add("ttl " + (spec.ttl() == TunnelSpec.TTL_INHERIT ? "inherit" : spec.ttl()));
        if (spec.tos() != 0) {
            line.add("tos " + tos(spec));
        }
        addKeys(line, spec.inputKey(), spec.outputKey());
        addPair(line, "csum", spec.inputChecksum(), spec.outputChecksum());
        addPair(line, "seq", spec.inputSequence(), spec.outputSequence());
        line.add(spec.pmtudisc() ? "pmtudisc" : "nopmtudisc");
        if (spec.ignoreDf()) {
            line.add("ignore-df");
        }
        if (spec.keepalive() != null) {
            line.add("keepalive " + spec.keepalive());
            if (spec.keepalive().carrierFollows()) {
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

    private static String mode(TunnelSpec spec) {
        boolean isUsual = spec.mode() != TunnelMode.SIT || spec.payload() == Payload.IPV6;
        return spec.mode().word() + (isUsual ? "" : " " + spec.payload().word());
    }

    private static String any(InetAddress address) {
        return address == null ? "any" : AddressWords.text(address);
    }

    private static String tos(TunnelSpec spec) {
        if (!spec.inheritsTos()) {
            return String.format("0x%02x", spec.tos());
        }
        int rest = spec.tos() & ~TunnelSpec.TOS_INHERIT;
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

package io.culvert.doctor;

import io.culvert.control.ConfigWords;
import io.culvert.control.InterfaceAddress;
import io.culvert.control.TunnelConfig;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.spec.TunnelSpecBuilder;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The commands that run a tunnel again with other words. They are complete, to be copied: whatever
 * else the tunnel has is kept.
 *
 * @param tunnel as it is now
 * @param kind the kind of its device, such as {@code tun} or {@code gre}; empty when there is none
 * @param served the process that runs it; {@code null} when none of Culvert does
 * @param options of {@code culvert run} that it needs; empty for none
 */
public record Rerun(TunnelConfig tunnel, String kind, ServedTunnel served, String options) {
    private static final List<String> KERNEL_KINDS = List.of("gre", "ipip", "sit");

    /** Whether the tunnel is one of the kernel's own. */
    public boolean isKernels() {
        return KERNEL_KINDS.contains(kind);
    }

    /**
     * The commands, one per line.
     *
     * @param words what is new, as a person says it
     * @param change the same for the tunnel
     */
    public String with(String words, UnaryOperator<TunnelSpecBuilder> change) {
        if (isKernels()) {
            return "ip tunnel change " + tunnel.spec().name() + " " + words;
        }
        return ending() + command(with(tunnel, change)) + "    # now with " + words;
    }

    /** The command that gives its device another MTU, in bytes; a device that is there keeps it. */
    public String innerMtu(int bytes) {
        return kind.isEmpty()
                ? with("mtu " + bytes, spec -> spec.innerMtu(bytes))
                : "ip link set " + tunnel.spec().name() + " mtu " + bytes;
    }

    /** The commands that run it with an option of {@code culvert run}. */
    public String withOption(String option) {
        String all = options.isEmpty() ? option : options + " " + option;
        return new Rerun(tunnel, kind, served, all).asItIs();
    }

    /** The command that runs it as it is. */
    public String asItIs() {
        return ending() + command(tunnel);
    }

    /** The name of a running tunnel is taken until its process has ended. */
    private String ending() {
        if (served == null) {
            return "";
        }
        String others =
                served.companions().isEmpty()
                        ? ""
                        : " and " + String.join(", ", served.companions()) + ": run these again";
        return "kill " + served.pid() + "    # ends " + served.name() + others + "\n";
    }

    private String command(TunnelConfig config) {
        String before = options.isEmpty() ? "" : options + " ";
        return "culvert run " + before + ConfigWords.text(config);
    }

    /**
     * The command for the peer's host, where it has Culvert: the other end of this tunnel.
     *
     * @param ours the address that our outer packets come from
     */
    public String atPeer(Inet4Address ours) {
        TunnelSpec spec = tunnel.spec();
        TunnelSpecBuilder other =
                TunnelSpec.builder(spec.name(), TunnelMode.of(spec))
                        .payload(spec.payload())
                        .remote(ours)
                        .local(spec.remote())
                        .inputChecksum(spec.gre().outputChecksum())
                        .outputChecksum(spec.gre().inputChecksum())
                        .inputSequence(spec.gre().outputSequence())
                        .outputSequence(spec.gre().inputSequence());
        spec.gre().outputKey().ifPresent(other::inputKey);
        spec.gre().inputKey().ifPresent(other::outputKey);
        List<InterfaceAddress> addresses =
                tunnel.addresses().stream()
                        .filter(a -> a.otherEnd() != null)
                        .map(Rerun::turned)
                        .toList();
        TunnelConfig there =
                new TunnelConfig(other.build(), addresses, List.of(), tunnel.offload());
        return "culvert run " + ConfigWords.text(there);
    }

    private static InterfaceAddress turned(InterfaceAddress address) {
        InetAddress peer = address.peer() == null ? null : address.address();
        return new InterfaceAddress(address.otherEnd(), address.prefixLengthBits(), peer);
    }

    private static TunnelConfig with(TunnelConfig config, UnaryOperator<TunnelSpecBuilder> change) {
        return new TunnelConfig(
                change.apply(config.spec().toBuilder()).build(),
                config.addresses(),
                config.routes(),
                config.offload());
    }
}

package io.culvert.endtoend.contender;

import io.culvert.endtoend.host.Addresses;
import io.culvert.endtoend.host.Command;
import io.culvert.endtoend.host.CommandFailure;
import io.culvert.endtoend.host.Host;
import io.culvert.endtoend.host.Outcome;
import io.culvert.endtoend.host.Topology;
import io.culvert.linux.LibC;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A tunnel of the kernel.
 *
 * @param kind the word of {@code ip link add ... type}
 * @param words further words, where LOCAL and REMOTE stand for the outer addresses
 * @param innerMtu what fits into the cable's 1500 bytes
 */
record KernelTunnel(String kind, String words, int innerMtu, Segmentation segmentation)
        implements Contender {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    static KernelTunnel vxlan(Segmentation segmentation) {
        String words = "id 42 local LOCAL remote REMOTE dstport 4789 dev WIRE nolearning";
        return new KernelTunnel("vxlan", words, 1450, segmentation);
    }

    static KernelTunnel gre() {
        return new KernelTunnel("gre", "local LOCAL remote REMOTE", 1476, Segmentation.OFFLOADED);
    }

    static KernelTunnel ipip() {
        return new KernelTunnel("ipip", "local LOCAL remote REMOTE", 1480, Segmentation.OFFLOADED);
    }

    @Override
    public String name() {
        return "kernel-" + kind + segmentation.suffix();
    }

    @Override
    public String description() {
        return "the kernel's own " + kind + segmentation.description();
    }

    @Override
    public Optional<String> obstacle() {
        return segmentation.obstacle().or(this::refusal);
    }

    /**
     * What the kernel says when it is to make such a device, in a namespace that ends with the
     * attempt; empty when it makes one, and when that cannot be tried here.
     *
     * <p>A module that could be loaded is not tried: it would stay, and take part in packets of
     * tunnels that run on this host.
     */
    private Optional<String> refusal() {
        if (isModuleToLoad() || !Command.exists("ip") || !Command.exists("unshare")) {
            return Optional.empty();
        }
        String alone = LibC.geteuid() == 0 ? "unshare --net " : "unshare --map-root-user --net ";
        String line = alone + link(Addresses.LEFT, Addresses.RIGHT, "lo");
        try {
            Outcome outcome = Command.run(List.of(line.split(" ")), PATIENCE);
            boolean isTold = outcome.succeeded() || outcome.complaint().contains("not permitted");
            return isTold ? Optional.empty() : Optional.of(refusedWith(outcome));
        } catch (CommandFailure e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private boolean isModuleToLoad() {
        String module = kind.equals("gre") ? "ip_gre" : kind;
        if (Files.exists(Path.of("/sys/module", module))) {
            return false;
        }
        try {
            String release = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
            Path modules = Path.of("/lib/modules", release, "modules.dep");
            return Files.readString(modules).contains("/" + module + ".ko");
        } catch (IOException e) { // no modules here
            return false;
        }
    }

    @Override
    public Way bringUp(Topology topology) throws InterruptedException {
        segmentation.applyTo(topology);
        make(topology.left(), topology.right());
        make(topology.right(), topology.left());
        return Way.ofKernel(topology, TunnelDevice.farEnd(topology));
    }

    private void make(Host host, Host peer) throws InterruptedException {
        String line = link(host.addresses(), peer.addresses(), Host.WIRE);
        Outcome outcome = host.attempt(List.of(line.split(" ")).toArray(String[]::new));
        if (!outcome.succeeded()) {
            throw new AbsentException(refusedWith(outcome));
        }
        TunnelDevice.configure(host, innerMtu);
    }

    private String link(Addresses local, Addresses remote, String wire) {
        return "ip link add %s type %s %s"
                .formatted(Host.TUNNEL, kind, words)
                .replace("LOCAL", local.outer())
                .replace("REMOTE", remote.outer())
                .replace("WIRE", wire);
    }

    private String refusedWith(Outcome outcome) {
        return "this kernel makes no " + kind + " device: " + outcome.complaint();
    }
}

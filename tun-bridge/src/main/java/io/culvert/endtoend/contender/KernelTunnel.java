package io.culvert.endtoend.contender;

import io.culvert.endtoend.host.Host;
import io.culvert.endtoend.host.Outcome;
import io.culvert.endtoend.host.Topology;
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
        return segmentation.obstacle();
    }

    @Override
    public Way bringUp(Topology topology) throws InterruptedException {
        segmentation.applyTo(topology);
        make(topology.left(), topology.right());
        make(topology.right(), topology.left());
        return Way.ofKernel(topology, TunnelDevice.farEnd(topology));
    }

    private void make(Host host, Host peer) throws InterruptedException {
        String line =
                "ip link add %s type %s %s"
                        .formatted(Host.TUNNEL, kind, words)
                        .replace("LOCAL", host.addresses().outer())
                        .replace("REMOTE", peer.addresses().outer())
                        .replace("WIRE", Host.WIRE);
        Outcome outcome = host.attempt(List.of(line.split(" ")).toArray(String[]::new));
        if (!outcome.succeeded()) {
            throw new AbsentException(
                    "this kernel makes no " + kind + " device: " + outcome.complaint());
        }
        TunnelDevice.configure(host, innerMtu);
    }
}

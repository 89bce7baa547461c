package io.culvert.endtoend.contender;

import io.culvert.endtoend.host.Topology;
import java.util.Optional;

/** The bare cable: what the machine can do without any tunnel. */
record NoTunnel(Segmentation segmentation) implements Contender {
    @Override
    public String name() {
        return "direct" + segmentation.suffix();
    }

    @Override
    public String description() {
        return "no tunnel" + segmentation.description();
    }

    @Override
    public Optional<String> obstacle() {
        return segmentation.obstacle();
    }

    @Override
    public Way bringUp(Topology topology) throws InterruptedException {
        segmentation.applyTo(topology);
        String target = topology.right().addresses().outer();
        return Way.ofKernel(topology, TunnelDevice.ipv4(target));
    }
}

package io.culvert.endtoend.contender;

import io.culvert.endtoend.host.Command;
import io.culvert.endtoend.host.EndpointProcess;
import io.culvert.endtoend.host.Host;
import io.culvert.endtoend.host.Topology;
import java.util.List;
import java.util.Optional;

/** socat between a TUN device and raw IP of protocol 4: IPIP in user space, a packet at a time. */
record SocatIpip() implements Contender {
    private static final int INNER_MTU = 1480;

    @Override
    public String name() {
        return "socat-ipip";
    }

    @Override
    public String description() {
        return "socat between a TUN device and a raw socket";
    }

    @Override
    public Optional<String> obstacle() {
        return Command.exists("socat") ? Optional.empty() : Optional.of("socat is not installed");
    }

    @Override
    public Way bringUp(Topology topology) throws InterruptedException {
        EndpointProcess left = start(topology.left(), topology.right());
        EndpointProcess right = start(topology.right(), topology.left());
        return new Way(topology, TunnelDevice.farEnd(topology), List.of(left), List.of(right));
    }

    private static EndpointProcess start(Host host, Host peer) throws InterruptedException {
        String device = "TUN,tun-name=%s,iff-no-pi,iff-up".formatted(Host.TUNNEL);
        String socket =
                "IP4-SENDTO:%s:4,bind=%s"
                        .formatted(peer.addresses().outer(), host.addresses().outer());
        EndpointProcess socat = host.start(List.of("socat", device, socket));
        TunnelDevice.await(host, socat);
        TunnelDevice.configure(host, INNER_MTU);
        return socat;
    }
}

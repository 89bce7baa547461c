package io.culvert.endtoend.contender;

import io.culvert.endtoend.host.EndpointProcess;
import io.culvert.endtoend.host.Topology;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A contender that is up: the way from the left host to the right one.
 *
 * @param topology the hosts
 * @param target the right host's address at the far end of the way
 * @param left programs that carry packets on the left host, none when the kernel does
 * @param right the same on the right host
 */
public record Way(
        Topology topology,
        InetAddress target,
        List<EndpointProcess> left,
        List<EndpointProcess> right) {

    /** A way that the kernel carries. */
    static Way ofKernel(Topology topology, InetAddress target) {
        return new Way(topology, target, List.of(), List.of());
    }

    /** The programs at both ends. */
    public List<EndpointProcess> endpoints() {
        List<EndpointProcess> both = new ArrayList<>(left);
        both.addAll(right);
        return both;
    }
}

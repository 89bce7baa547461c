package io.culvert.endtoend.contender;

import io.culvert.endtoend.host.Command;
import io.culvert.endtoend.host.EndpointProcess;
import io.culvert.endtoend.host.Host;
import io.culvert.endtoend.host.Topology;
import java.util.List;
import java.util.Optional;

/** wireguard-go: a tunnel in user space with all the offloads, which also encrypts. */
record WireguardGo() implements Contender {
    private static final int INNER_MTU = 1420;
    private static final int PORT = 51820;

    @Override
    public String name() {
        return "wireguard-go";
    }

    @Override
    public String description() {
        return "wireguard-go, which encrypts";
    }

    @Override
    public Optional<String> obstacle() {
        if (!Command.exists("wireguard-go")) {
            return Optional.of("wireguard-go is not installed");
        }
        return Command.exists("wg") ? Optional.empty() : Optional.of("wg is not installed");
    }

    @Override
    public Way bringUp(Topology topology) throws InterruptedException {
        String leftKey = privateKey(topology.left(), topology);
        String rightKey = privateKey(topology.right(), topology);
        EndpointProcess left = start(topology.left(), topology.right(), topology, rightKey);
        EndpointProcess right = start(topology.right(), topology.left(), topology, leftKey);
        return new Way(topology, TunnelDevice.farEnd(topology), List.of(left), List.of(right));
    }

    /** Leaves a host's private key in a file; the public one. */
    private static String privateKey(Host host, Topology topology) throws InterruptedException {
        String file = topology.directory().resolve(host.name() + ".key").toString();
        String make = "umask 077; wg genkey > '%s' && wg pubkey < '%s'".formatted(file, file);
        return host.attempt("sh", "-c", make).orThrow().stdout().strip();
    }

    private static EndpointProcess start(
            Host host, Host peer, Topology topology, String peerPublicKey)
            throws InterruptedException {
        String file = topology.directory().resolve(host.name() + ".key").toString();
        String sockets = topology.directory().resolve(host.name() + ".wireguard").toString();
        String configure =
                "wg set %s private-key '%s' listen-port %d peer %s allowed-ips 0.0.0.0/0 endpoint"
                        + " %s:%d";
        String words =
                configure.formatted(
                        Host.TUNNEL, file, PORT, peerPublicKey, peer.addresses().outer(), PORT);
        // Both ends would use one control socket: each gets a directory of its own in its place.
        String script =
                """
                mkdir -p '%s' /var/run/wireguard && mount --bind '%s' /var/run/wireguard || exit
                ( until [ -S /var/run/wireguard/%s.sock ]; do sleep 0.05; done; exec %s ) &
                WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1 LOG_LEVEL=error
                export WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD LOG_LEVEL
                exec wireguard-go -f %s
                """
                        .formatted(sockets, sockets, Host.TUNNEL, words, Host.TUNNEL);
        EndpointProcess endpoint = host.start(List.of("unshare", "-m", "sh", "-c", script));
        TunnelDevice.await(host, endpoint);
        TunnelDevice.configure(host, INNER_MTU);
        return endpoint;
    }
}

package io.culvert.endtoend.contender;

import io.culvert.control.TunnelWords;
import io.culvert.control.WordsException;
import io.culvert.endtoend.host.Addresses;
import io.culvert.endtoend.host.EndpointProcess;
import io.culvert.endtoend.host.Host;
import io.culvert.endtoend.host.Topology;
import io.culvert.spec.TunnelMode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code culvert run} at both ends, with the Java and the class path of this process.
 *
 * @param mode gre and ipip carry IPv4 here, sit carries IPv6
 * @param options of the command, such as {@code --lanes 2}
 * @param words further words of the tunnel, such as {@code offload off}
 */
record CulvertTunnel(TunnelMode mode, List<String> options, List<String> words)
        implements Contender {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** By name: the commands know the bench, and it does not know the commands. */
    private static final String CULVERT_MAIN = "io.culvert.cli.Culvert";

    @Override
    public String name() {
        String extras = String.join("-", extras()).replace("--", "");
        return "culvert-" + mode.word() + (extras.isEmpty() ? "" : "-" + extras);
    }

    @Override
    public String description() {
        String extras = String.join(" ", extras());
        return "culvert run, mode " + mode.word() + (extras.isEmpty() ? "" : ", " + extras);
    }

    private List<String> extras() {
        return Stream.concat(words.stream(), options.stream()).toList();
    }

    @Override
    public Optional<String> obstacle() {
        try {
            TunnelWords.parse(tunnel(Addresses.LEFT, Addresses.RIGHT));
            return Optional.empty();
        } catch (WordsException e) {
            return Optional.of("this Culvert does not take it: " + e.getMessage());
        }
    }

    @Override
    public Way bringUp(Topology topology) throws InterruptedException {
        Host left = topology.left();
        Host right = topology.right();
        // Both start before either is waited for: a Java takes its time.
        EndpointProcess leftEnd = start(left, right, topology);
        EndpointProcess rightEnd = start(right, left, topology);
        for (EndpointProcess end : List.of(leftEnd, rightEnd)) {
            end.awaitLine(0, line -> line.startsWith(Host.TUNNEL + ": up"), PATIENCE);
        }
        return new Way(topology, target(right), List.of(leftEnd), List.of(rightEnd));
    }

    private EndpointProcess start(Host host, Host peer, Topology topology) {
        List<String> command =
                new ArrayList<>(
                        JavaEndpoint.command(JavaEndpoint.gcLog(topology, host), CULVERT_MAIN));
        command.add("run");
        command.addAll(options);
        command.addAll(tunnel(host.addresses(), peer.addresses()));
        return host.start(command);
    }

    private List<String> tunnel(Addresses local, Addresses remote) {
        String address =
                mode == TunnelMode.SIT
                        ? local.innerIpv6() + Addresses.IPV6_PREFIX
                        : local.innerIpv4() + Addresses.IPV4_PREFIX;
        List<String> tunnel =
                new ArrayList<>(
                        List.of(
                                Host.TUNNEL,
                                "mode",
                                mode.word(),
                                "local",
                                local.outer(),
                                "remote",
                                remote.outer(),
                                "address",
                                address));
        tunnel.addAll(words);
        return tunnel;
    }

    private InetAddress target(Host right) {
        if (mode != TunnelMode.SIT) {
            return TunnelDevice.ipv4(right.addresses().innerIpv4());
        }
        try {
            return InetAddress.getByName(right.addresses().innerIpv6()); // a literal: no DNS
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an IPv6 literal is an address", e);
        }
    }
}

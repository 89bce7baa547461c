package io.culvert.doctor;

import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.LocalAddress;
import io.culvert.netlink.RouteAnswer;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether the tunnel's addresses are this host's, and those inside nobody else's. */
final class AddressesCheck implements Check {
    @Override
    public List<Finding> examine(Patient patient) {
        if (!patient.hasTunnel()) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(ofLocal(patient));
        overlap(patient).ifPresent(findings::add);
        return findings;
    }

    private static Finding ofLocal(Patient patient) {
        InetAddress local = patient.spec().local();
        if (local == null) {
            return Finding.ok("local-address", "local any: the route decides");
        }
        if (patient.isHere(local)) {
            return Finding.ok("local-address", "local " + IpPrefix.text(local) + " is here");
        }
        String others =
                patient.host().addresses().stream()
                        .filter(a -> a.address().getClass() == local.getClass())
                        .filter(a -> !a.address().isLoopbackAddress())
                        .map(LocalAddress::words)
                        .collect(Collectors.joining(", "));
        RouteAnswer route = patient.host().route(patient.spec().remote(), null, 0);
        InetAddress source = route.preferredSource();
        return Finding.error(
                "local-address",
                "local "
                        + IpPrefix.text(local)
                        + " is not an address of this host, which has "
                        + (others.isEmpty() ? "none" : others),
                "packets to it never get here. Behind a cloud's address translation the host has"
                        + " its private address only: local is that one, and the public one is"
                        + " what the peer gives as remote",
                patient.rerun()
                        .with(
                                "local " + (source == null ? "any" : IpPrefix.text(source)),
                                spec -> spec.local(source)));
    }

    private static Optional<Finding> overlap(Patient patient) {
        int own = patient.device().map(d -> d.index()).orElse(-1);
        for (IpPrefix inner : patient.innerNetworks()) {
            for (LocalAddress other : patient.host().addresses()) {
                if (other.index() == own || other.address().isLoopbackAddress()) {
                    continue;
                }
                IpPrefix network =
                        new IpPrefix(
                                other.peer() == null ? other.address() : other.peer(),
                                other.prefixLengthBits());
                // a route may be wider on purpose: the narrower network is still reached
                if (inner.overlaps(network) && inner.lengthBits() >= network.lengthBits()) {
                    return Optional.of(overlapping(patient, inner, other, network));
                }
            }
        }
        return Optional.empty();
    }

    private static Finding overlapping(
            Patient patient, IpPrefix inner, LocalAddress other, IpPrefix network) {
        return Finding.warning(
                "inner-overlap",
                inner.network()
                        + " of "
                        + patient.name()
                        + " is in "
                        + network.network()
                        + " of "
                        + other.linkName(),
                "the same addresses are on both sides of this host: packets to some of them take"
                        + " the wrong way, and answers come back by the other one",
                "run "
                        + patient.name()
                        + " with an address of a network that neither side has, such as: address"
                        + " 10.255.255.1 peer 10.255.255.2");
    }
}

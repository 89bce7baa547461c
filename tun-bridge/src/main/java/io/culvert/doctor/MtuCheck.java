package io.culvert.doctor;

import io.culvert.netlink.Link;
import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteMtus;
import io.culvert.spec.Gre;
import io.culvert.spec.OuterIpv6;
import io.culvert.spec.TunnelSpec;
import java.util.List;
import java.util.Optional;

/** What of the underlay's MTU the tunnel leaves, as a sum, against what its device has. */
final class MtuCheck implements Check {
    private static final String ID = "mtu";

    @Override
    public List<Finding> examine(Patient patient) {
        if (!patient.hasTunnel()) {
            return List.of();
        }
        RouteAnswer route = patient.route();
        if (!route.isReachable() || route.isLocal() || route.outName().equals(patient.name())) {
            return List.of(); // findings of the route
        }
        TunnelSpec spec = patient.spec();
        RouteMtus mtus = patient.mtus();
        int underlayMtu = mtus.smallest();
        int room = underlayMtu - spec.overheadBytes();
        Optional<Link> device = patient.device();
        int innerMtu = device.map(Link::linkMtu).orElse(spec.innerMtuOver(underlayMtu));
        String evidence =
                ledger(spec, route, mtus) + " = " + room + "; " + spec.name() + " has " + innerMtu;
        if (innerMtu <= room) {
            return List.of(Finding.ok(ID, evidence));
        }
        if (!spec.outer().pmtudisc()) {
            return List.of(
                    Finding.ok(ID, evidence + "; nopmtudisc: larger ones are sent in fragments"));
        }
        if (mtus.isLimitedByLearning()) {
            // as it should be: a router has said so, senders inside are told, and it passes
            return List.of(
                    Finding.ok(
                            ID,
                            evidence
                                    + "; senders of larger ones are told by ICMP. To ask the path"
                                    + " again: ip route flush cache"));
        }
        return List.of(
                Finding.warning(
                        ID,
                        evidence,
                        "inner packets of more than "
                                + room
                                + " bytes do not fit: they are answered with ICMP, and lost where"
                                + " the sender does not heed it",
                        patient.rerun().innerMtu(room)));
    }

    /** Each part of the sum by its name. */
    private static String ledger(TunnelSpec spec, RouteAnswer route, RouteMtus mtus) {
        StringBuilder sum = new StringBuilder();
        sum.append(origin(route, mtus));
        if (spec.outer() instanceof OuterIpv6 outer) {
            boolean hasLimit = outer.encapLimit() != OuterIpv6.NO_ENCAP_LIMIT;
            sum.append(" - IPv6 40").append(hasLimit ? " - encaplimit 8" : "");
        } else {
            sum.append(" - IPv4 20");
        }
        if (spec.header() instanceof Gre) {
            sum.append(" - GRE 4");
        }
        if (spec.gre().outputChecksum()) {
            sum.append(" - csum 4");
        }
        if (spec.gre().outputKey().isPresent()) {
            sum.append(" - key 4");
        }
        if (spec.gre().outputSequence()) {
            sum.append(" - seq 4");
        }
        if (spec.payload().isEthernet()) {
            sum.append(" - Ethernet 14");
        }
        return sum.toString();
    }

    /** The number that the sum begins with, and where it stands. */
    private static String origin(RouteAnswer route, RouteMtus mtus) {
        String link = route.outName() + " " + mtus.linkMtu();
        if (mtus.isLimitedByLearning()) {
            return "path %d (learnt from ICMP, forgotten in %d s; %s)"
                    .formatted(mtus.learntMtu(), mtus.expiresSeconds(), link);
        }
        if (mtus.isLimitedByRoute()) {
            return "route %d (%s mtu %1$d; %s)".formatted(mtus.routeMtu(), route.words(), link);
        }
        return link;
    }
}

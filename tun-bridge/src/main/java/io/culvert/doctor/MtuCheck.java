package io.culvert.doctor;

import io.culvert.netlink.Link;
import io.culvert.netlink.RouteAnswer;
import io.culvert.tunnel.TunnelMode;
import io.culvert.tunnel.TunnelSpec;
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
        int underlayMtu = route.pathMtu();
        int room = underlayMtu - spec.overheadBytes();
        Optional<Link> device = patient.device();
        int innerMtu = device.map(Link::linkMtu).orElse(spec.innerMtuOver(underlayMtu));
        String evidence =
                ledger(spec, route) + " = " + room + "; " + spec.name() + " has " + innerMtu;
        if (innerMtu <= room) {
            return List.of(Finding.ok(ID, evidence));
        }
        if (!spec.pmtudisc()) {
            return List.of(
                    Finding.ok(ID, evidence + "; nopmtudisc: larger ones are sent in fragments"));
        }
        return List.of(
                Finding.warning(
                        ID,
                        evidence,
                        "inner packets of more than "
                                + room
                                + " bytes do not fit: they are answered with ICMP, and lost where"
                                + " the sender does not heed it",
                        "ip link set " + spec.name() + " mtu " + room));
    }

    /** Each part of the sum by its name. */
    static String ledger(TunnelSpec spec, RouteAnswer route) {
        StringBuilder sum = new StringBuilder();
        sum.append(route.outName()).append(' ').append(route.pathMtu()).append(" - IPv4 20");
        if (spec.mode() == TunnelMode.GRE) {
            sum.append(" - GRE 4");
        }
        if (spec.outputChecksum()) {
            sum.append(" - csum 4");
        }
        if (spec.outputKey().isPresent()) {
            sum.append(" - key 4");
        }
        if (spec.outputSequence()) {
            sum.append(" - seq 4");
        }
        return sum.toString();
    }
}

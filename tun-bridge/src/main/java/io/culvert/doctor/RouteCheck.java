package io.culvert.doctor;

import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.Link;
import io.culvert.netlink.RouteAnswer;
import java.util.List;
import java.util.Optional;

/** Whether outer packets find a way to the remote that does not lead into the tunnel itself. */
final class RouteCheck implements Check {
    private static final String ID = "route";

    @Override
    public List<Finding> examine(Patient patient) {
        if (!patient.hasTunnel()) {
            return List.of();
        }
        String wantedLink = patient.spec().link();
        if (wantedLink != null && patient.link(wantedLink).isEmpty()) {
            return List.of(noDevice(patient, wantedLink));
        }
        RouteAnswer route = patient.route();
        String remote = IpPrefix.text(patient.spec().remote());
        if (!route.isReachable()) {
            return List.of(
                    Finding.error(
                            "no-route",
                            "remote " + remote + ": " + route.words(),
                            "outer packets cannot leave this host",
                            "ip route add " + remote + " via GATEWAY dev " + underlay(patient)));
        }
        if (route.isLocal()) {
            return List.of(
                    Finding.error(
                            "remote-is-local",
                            "remote " + remote + " is an address of this host: " + route.words(),
                            "the tunnel would send to itself: remote and local are exchanged, or"
                                    + " remote is this host's own address",
                            ""));
        }
        if (route.outName().equals(patient.name()) || wouldLoop(patient, route)) {
            return List.of(loop(patient, route, remote));
        }
        return List.of(Finding.ok(ID, "remote " + remote + ": " + route.words()));
    }

    private static Finding noDevice(Patient patient, String wanted) {
        List<String> others = patient.host().links().stream().map(Link::name).toList();
        return Finding.error(
                "no-device",
                "dev " + wanted + ": this host has only " + String.join(", ", others),
                "the tunnel is to send through a device that is not there",
                "");
    }

    /** Whether the route that a tunnel's own words ask for will take the remote along. */
    private static boolean wouldLoop(Patient patient, RouteAnswer route) {
        if (patient.device().isPresent() || route.matchedPrefix() == null) {
            return false;
        }
        return patient.innerNetworks().stream()
                .filter(network -> network.contains(patient.spec().remote()))
                .anyMatch(network -> network.lengthBits() > route.matchedPrefix().lengthBits());
    }

    private static Finding loop(Patient patient, RouteAnswer route, String remote) {
        String gateway = route.gateway() == null ? "" : " via " + IpPrefix.text(route.gateway());
        boolean isFuture = !route.outName().equals(patient.name());
        String inside =
                patient.innerNetworks().stream()
                        .filter(n -> n.contains(patient.spec().remote()))
                        .map(IpPrefix::toString)
                        .findFirst()
                        .orElse("");
        return Finding.error(
                "route-loop",
                isFuture
                        ? "remote " + remote + " is in " + inside + ", which goes into the tunnel"
                        : "remote " + remote + ": " + route.words(),
                "the tunnel's own packets would go into the tunnel again: the remote needs a route"
                        + " of its own",
                isFuture
                        ? "ip route add " + remote + gateway + " dev " + route.outName()
                        : "ip route add " + remote + " via GATEWAY dev " + underlay(patient));
    }

    private static String underlay(Patient patient) {
        Optional<String> link =
                patient.host().links().stream()
                        .filter(l -> l.isUp() && !l.isLoopback() && !l.kind().equals("tun"))
                        .map(Link::name)
                        .filter(name -> !name.equals(patient.name()))
                        .findFirst();
        return link.orElse("DEVICE");
    }
}

package io.culvert.doctor;

import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.Link;
import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteHop;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether outer packets find a way to the remote that does not lead into the tunnel itself. */
final class RouteCheck implements Check {
    /** The id of a remote that is this host; whether that is right, the peer's answers tell. */
    static final String REMOTE_IS_LOCAL = "remote-is-local";

    static final String LOOP = "route-loop";
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
                            "ip route replace "
                                    + remote
                                    + " via GATEWAY dev "
                                    + underlay(patient)));
        }
        if (route.isLocal()) {
            return List.of(remoteIsLocal(patient, route, remote));
        }
        if (route.outName().equals(patient.name()) || wouldLoop(patient, route)) {
            return List.of(loop(patient, route, remote));
        }
        List<String> circle = circle(patient, route);
        if (!circle.isEmpty()) {
            return List.of(throughOthers(patient, circle, remote));
        }
        if (isOneOfTheHops(patient)) {
            return List.of(oneOfSeveralHops(patient, route, remote));
        }
        return List.of(Finding.ok(ID, "remote " + remote + ": " + route.words()));
    }

    /** Two tunnels may face each other on one host; whether they do is seen by asking the other. */
    private static Finding remoteIsLocal(Patient patient, RouteAnswer route, String remote) {
        String evidence = "remote " + remote + " is an address of this host: " + route.words();
        Optional<ServedTunnel> facing =
                patient.others().stream().filter(o -> face(patient, o)).findFirst();
        return facing.isPresent()
                ? Finding.ok(
                        REMOTE_IS_LOCAL,
                        evidence
                                + ", as is right for "
                                + facing.get().name()
                                + " of pid "
                                + facing.get().pid()
                                + ", which faces it")
                : Finding.warning(
                        REMOTE_IS_LOCAL,
                        evidence,
                        "the tunnel sends to this host itself. That works if a second tunnel here"
                                + " has this one's remote as its local and the other way around;"
                                + " otherwise remote and local are exchanged, or remote is not the"
                                + " peer's address",
                        "ip addr show    # remote is an address of the other host, not one of"
                                + " these");
    }

    private static boolean face(Patient patient, ServedTunnel other) {
        TunnelSpec here = patient.spec();
        TunnelSpec there = other.config().spec();
        boolean isTheirsOurs =
                here.local() == null
                        ? patient.isHere(there.remote())
                        : here.local().equals(there.remote());
        boolean isOursTheirs = there.local() == null || there.local().equals(here.remote());
        return TunnelMode.of(here) == TunnelMode.of(there) && isTheirsOurs && isOursTheirs;
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
                LOOP,
                isFuture
                        ? "remote " + remote + " is in " + inside + ", which goes into the tunnel"
                        : "remote " + remote + ": " + route.words(),
                "the tunnel's own packets would go into the tunnel again: the remote needs a route"
                        + " of its own",
                isFuture
                        ? "ip route replace " + remote + gateway + " dev " + route.outName()
                        : routeOfItsOwn(patient, remote));
    }

    /** Tunnels of Culvert, this one first, each of which needs the next and the last one this. */
    private static List<String> circle(Patient patient, RouteAnswer first) {
        List<String> passed = new ArrayList<>(List.of(patient.name()));
        String device = first.outName();
        while (!passed.contains(device)) {
            Optional<ServedTunnel> carrier = patient.served(device);
            if (carrier.isEmpty()) {
                return List.of();
            }
            passed.add(device);
            device = patient.routeOf(carrier.get().config().spec()).outName();
        }
        // others may go around in a circle that this one only leads into
        return passed.subList(passed.indexOf(device), passed.size());
    }

    private static Finding throughOthers(Patient patient, List<String> circle, String remote) {
        List<String> steps = new ArrayList<>();
        for (String name : circle) {
            TunnelSpec spec =
                    name.equals(patient.name())
                            ? patient.spec()
                            : patient.served(name).orElseThrow().config().spec();
            steps.add(
                    name
                            + "'s remote "
                            + IpPrefix.text(spec.remote())
                            + ": "
                            + patient.routeOf(spec).words());
        }
        return Finding.error(
                LOOP,
                String.join("; ", steps),
                "these tunnels need one another to reach their remotes, so no packet leaves this"
                        + " host: one remote needs a route of its own that leads into none of them",
                routeOfItsOwn(patient, remote));
    }

    private static boolean isOneOfTheHops(Patient patient) {
        int own = patient.device().map(Link::index).orElse(0);
        return own != 0 && patient.hops().stream().anyMatch(hop -> hop.outIndex() == own);
    }

    private static Finding oneOfSeveralHops(Patient patient, RouteAnswer route, String remote) {
        return Finding.error(
                LOOP,
                "remote "
                        + remote
                        + ": "
                        + route.matchedPrefix().words()
                        + " has "
                        + patient.hops().size()
                        + " next hops, and one of them is "
                        + patient.name(),
                "the kernel chooses a hop for each flow: when it chooses "
                        + patient.name()
                        + ", the tunnel's own packets come back into it and are dropped as loop",
                routeOfItsOwn(patient, remote));
    }

    /** A command that leads the remote past all tunnels, by the hop that is known where one is. */
    static String routeOfItsOwn(Patient patient, String remote) {
        for (RouteHop hop : patient.hops()) {
            Optional<Link> link =
                    patient.host().links().stream()
                            .filter(l -> l.index() == hop.outIndex() && !isTunnel(patient, l))
                            .findFirst();
            if (link.isPresent()) {
                String via = hop.gateway() == null ? "" : " via " + IpPrefix.text(hop.gateway());
                return "ip route replace " + remote + via + " dev " + link.get().name();
            }
        }
        return "ip route replace " + remote + " via GATEWAY dev " + underlay(patient);
    }

    private static boolean isTunnel(Patient patient, Link link) {
        return link.kind().equals("tun") || link.name().equals(patient.name());
    }

    private static String underlay(Patient patient) {
        Optional<String> link =
                patient.host().links().stream()
                        .filter(l -> l.isUp() && !l.isLoopback() && !isTunnel(patient, l))
                        .map(Link::name)
                        .findFirst();
        return link.orElse("DEVICE");
    }
}

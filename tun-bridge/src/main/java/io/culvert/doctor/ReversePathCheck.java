package io.culvert.doctor;

import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.Link;
import io.culvert.netlink.RouteAnswer;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether the host drops what comes out of the tunnel because it would answer by another way (RFC
 * 3704). The kernel goes by the larger of the value for all devices and the device's own.
 */
final class ReversePathCheck implements Check {
    private static final String ID = "rp-filter";
    private static final int STRICT = 1;

    @Override
    public List<Finding> examine(Patient patient) {
        List<Finding> findings = new ArrayList<>();
        if (patient.hasTunnel()) {
            patient.device().ifPresent(d -> findings.add(ofTunnel(patient, d)));
            ofUnderlay(patient).ifPresent(findings::add);
        }
        return findings;
    }

    private static Finding ofTunnel(Patient patient, Link device) {
        String seen = seen(patient.host(), device.name());
        if (effective(patient.host(), device.name()) != STRICT) {
            return Finding.ok(ID, seen);
        }
        for (IpPrefix network : patient.innerNetworks()) {
            if (!(network.address() instanceof Inet4Address)) {
                continue; // IPv6 has no such filter
            }
            RouteAnswer way = patient.host().route(network.address(), null, 0);
            if (!way.isLocal() && !way.outName().equals(device.name())) {
                return Finding.warning(
                        ID,
                        seen
                                + "; answers to "
                                + network.words()
                                + " go another way: "
                                + way.words(),
                        "what comes from there through the tunnel is dropped silently (martian"
                                + " source), because the kernel would answer by another device",
                        loosen(device.name()));
            }
        }
        return Finding.ok(ID, seen + "; what the tunnel reaches is routed through it");
    }

    private static Optional<Finding> ofUnderlay(Patient patient) {
        String link = patient.spec().link();
        if (link == null || effective(patient.host(), link) != STRICT) {
            return Optional.empty();
        }
        RouteAnswer way = patient.host().route(patient.spec().remote(), null, 0);
        if (!way.isReachable() || way.outName().equals(link)) {
            return Optional.empty();
        }
        String evidence =
                seen(patient.host(), link) + "; the route to the remote is " + way.words();
        if (patient.passesHostIpBy()) {
            return Optional.of(
                    Finding.ok(ID, evidence + "; packet sockets take packets before the filter"));
        }
        return Optional.of(
                Finding.warning(
                        ID + "-underlay",
                        evidence,
                        "the peer's packets that arrive by "
                                + link
                                + " are dropped silently, because the route to it leads elsewhere",
                        loosen(link)));
    }

    /** The kernel goes by the larger value: the device's own is enough, and others stay strict. */
    static String loosen(String device) {
        return "sysctl -w net.ipv4.conf." + device + ".rp_filter=2";
    }

    private static long effective(Host host, String device) {
        return Math.max(value(host, "all"), value(host, device));
    }

    static String seen(Host host, String device) {
        return "rp_filter: all %d, %s %d"
                .formatted(value(host, "all"), device, value(host, device));
    }

    private static long value(Host host, String device) {
        return Sysctl.ofDevice(host, device, "rp_filter").orElse(0);
    }
}

package io.culvert.doctor.peer;

import io.culvert.doctor.Finding;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.wire.Ipv4Address;
import java.util.Optional;

/** Whether the path carries as much as the tunnel's device believes. */
final class PathMtuFinding {
    private PathMtuFinding() {}

    /** What the pings of all sizes came to; nothing when none were sent. */
    static Optional<Finding> of(TunnelSpec spec, Observation seen) {
        if (seen.assumedMtu() == 0) {
            return Optional.empty();
        }
        int outerMeasured = seen.measuredMtu() + spec.overheadBytes();
        if (seen.measuredMtu() >= seen.assumedMtu()) {
            return Optional.of(
                    Finding.ok(
                            "path-mtu",
                            "pings of %d bytes with DF are answered: outer packets of %d pass"
                                    .formatted(seen.measuredMtu(), outerMeasured)));
        }
        String evidence =
                ("through %s pings of %d bytes with DF are answered, larger ones up to %d are not:"
                                + " the path carries %d, not %d; %s")
                        .formatted(
                                spec.name(),
                                seen.measuredMtu(),
                                seen.assumedMtu(),
                                outerMeasured,
                                seen.assumedMtu() + spec.overheadBytes(),
                                whoSaysSo(seen));
        return Optional.of(
                Finding.warning(
                        "path-mtu",
                        evidence,
                        "large packets vanish: a connection opens and then hangs, ssh works and a"
                                + " download does not",
                        "ip link set " + spec.name() + " mtu " + seen.measuredMtu()));
    }

    private static String whoSaysSo(Observation seen) {
        return seen.sightings().errors().stream()
                .filter(IcmpErrorWords::isTooBig)
                .findFirst()
                .map(e -> Ipv4Address.format(e.from()) + " says so by ICMP: MTU " + e.nextHopMtu())
                .orElse("and no router says so");
    }
}

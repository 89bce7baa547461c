package io.culvert.doctor.peer;

import io.culvert.doctor.Finding;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.Ipv4Address;
import java.util.Optional;

/** Whether the path carries as much as the tunnel's device believes. */
final class PathMtuFinding {
    private PathMtuFinding() {}

    /** What the pings of all sizes came to; nothing when none were sent. */
    static Optional<Finding> of(PeerExamination examination, Observation seen) {
        TunnelSpec spec = examination.spec();
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
                                whoSaysSo(examination, outerMeasured, seen));
        if (isKnown(examination, outerMeasured, seen)) {
            // as it should be: senders inside are told, and send smaller packets
            return Optional.of(Finding.ok("path-mtu", evidence));
        }
        return Optional.of(
                Finding.warning(
                        "path-mtu",
                        evidence,
                        "large packets vanish: a connection opens and then hangs, ssh works and a"
                                + " download does not",
                        examination.rerun().innerMtu(seen.measuredMtu())));
    }

    /** Whether the kernel knows what was measured, or a router said just that. */
    private static boolean isKnown(
            PeerExamination examination, int outerMeasured, Observation seen) {
        return examination.route().pathMtu() == outerMeasured
                || seen.sightings().errors().stream()
                        .anyMatch(
                                e ->
                                        IcmpErrorWords.isTooBig(e)
                                                && !e.isOutgoing()
                                                && e.nextHopMtu() == outerMeasured);
    }

    private static String whoSaysSo(
            PeerExamination examination, int outerMeasured, Observation seen) {
        if (examination.route().pathMtu() == outerMeasured) {
            return "this host knows it: MTU " + outerMeasured;
        }
        return seen.sightings().errors().stream()
                .filter(IcmpErrorWords::isTooBig)
                .findFirst()
                .map(e -> Ipv4Address.format(e.from()) + " says so by ICMP: MTU " + e.nextHopMtu())
                .orElse("and no router says so");
    }
}

package io.culvert.doctor;

import io.culvert.packet.DropReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the tunnel itself dropped of the peer's packets while it was looked at. */
final class TunnelDrops {
    /** One may be a stranger's. */
    private static final long LEAST = 3;

    private TunnelDrops() {}

    static List<Finding> between(
            String name, Map<DropReason, Long> before, Map<DropReason, Long> after) {
        List<Finding> findings = new ArrayList<>();
        for (DropReason reason : DropReason.values()) {
            long packets = after.getOrDefault(reason, 0L) - before.getOrDefault(reason, 0L);
            if (packets < LEAST || reason.direction() != DropReason.Direction.RECEIVE) {
                continue;
            }
            String evidence =
                    "%s dropped %d packets meanwhile: %s (%s)"
                            .formatted(name, packets, reason.label(), reason.description());
            findings.add(
                    reason == DropReason.SEQUENCE_OLD
                            ? Finding.error(
                                    "sequence-old",
                                    evidence,
                                    "the peer has started again and counts from 0: with iseq it is"
                                            + " not heard until it has passed the old number. Or"
                                            + " its packets are doubled on the way",
                                    "culvert run "
                                            + name
                                            + " ... noiseq    # or start this side again, too")
                            : Finding.warning(
                                    "drops",
                                    evidence,
                                    "the tunnel does not take these packets of the peer's",
                                    "culvert trace --drops " + name));
        }
        return findings;
    }
}

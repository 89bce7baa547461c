package io.culvert.doctor.peer;

import io.culvert.doctor.Finding;
import io.culvert.doctor.Rerun;
import io.culvert.spec.TunnelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Whether all answers came, once each, and in order. */
final class AnswerFindings {
    private final TunnelSpec spec;
    private final Rerun rerun;
    private final String inner;
    private final Observation seen;
    private final List<Long> sequences;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * @param inner the address that was asked, as text
     * @param fromPeer outer packets from the remote
     */
    AnswerFindings(
            TunnelSpec spec,
            Rerun rerun,
            String inner,
            Observation seen,
            List<OuterSight> fromPeer) {
        this.spec = spec;
        this.rerun = rerun;
        this.inner = inner;
        this.seen = seen;
        this.sequences =
                fromPeer.stream()
                        .filter(o -> o.gre() != null && o.gre().sequence().isPresent())
                        .map(o -> o.gre().sequence().getAsLong())
                        .toList();
    }

    List<Finding> all() {
        List<Long> asked =
                seen.sightings().answers().stream()
                        .filter(n -> n < seen.sent())
                        .map(Integer::longValue)
                        .toList();
        SequenceTally answers = SequenceTally.of(asked);
        long answered = asked.stream().distinct().count();
        if (seen.lost() > 0) {
            findings.add(
                    Finding.unknown(
                            "loss",
                            "this program was too slow for " + seen.lost() + " packets",
                            "the tunnel is so busy that losses cannot be told from here",
                            ""));
        } else if (answered < seen.sent()) {
            loss(answered);
        }
        if (answers.repeated() > 0) {
            findings.add(
                    Finding.warning(
                            "duplicates",
                            "%d of %d pings of %s were answered twice or more often"
                                    .formatted(answers.repeated(), seen.sent(), inner),
                            "packets are doubled on the way, or two processes serve the peer's"
                                    + " tunnel: each raw socket gets a copy",
                            "on the peer: grep :%04X /proc/net/raw    # who receives IP protocol %1$d there"
                                    .formatted(spec.outerProtocols().get(0))));
        }
        if (answers.late() > 0) {
            findings.add(
                    Finding.warning(
                            "reordering",
                            "%d of %d answers came behind later ones"
                                    .formatted(answers.late(), asked.size()),
                            "packets overtake one another on the way: TCP becomes slower, and with"
                                    + " iseq the late ones are dropped",
                            unordered()));
        }
        if (findings.isEmpty()) {
            findings.add(
                    Finding.ok(
                            "peer",
                            String.format(
                                    Locale.ROOT,
                                    "%d of %d pings of %s answered through the tunnel, the fastest"
                                            + " in %.3f ms",
                                    answered,
                                    seen.sent(),
                                    inner,
                                    seen.roundTripNanos() / 1e6)));
        }
        return findings;
    }

    /** Only who takes numbers drops late packets; without them there is nothing to change. */
    private String unordered() {
        String here =
                spec.gre().inputSequence() ? rerun.with("noiseq", b -> b.inputSequence(false)) : "";
        String there = spec.gre().outputSequence() ? "on the peer: noiseq" : "";
        return here + (here.isEmpty() || there.isEmpty() ? "" : "\n") + there;
    }

    private void loss(long answered) {
        SequenceTally numbered = SequenceTally.of(sequences);
        String where =
                sequences.isEmpty()
                        ? ""
                        : "; of %d numbered packets from the peer %d are missing"
                                .formatted(
                                        sequences.size() + numbered.missing(), numbered.missing());
        String direction =
                sequences.isEmpty()
                        ? "with seq on both ends it would show on which way"
                        : numbered.missing() > 0
                                ? "on the way here"
                                : "on the way there, since the peer's own numbers have no gap";
        findings.add(
                Finding.warning(
                        "loss",
                        "%d of %d pings of %s were not answered%s"
                                .formatted(seen.sent() - answered, seen.sent(), inner, where),
                        "packets are lost on the way (" + direction + ")",
                        "mtr -n " + spec.remote().getHostAddress()));
    }
}

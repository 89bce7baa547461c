package io.culvert.doctor;

import io.culvert.netlink.IpPrefix;
import io.culvert.packet.DropReason;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What the tunnel itself dropped while it was looked at. */
final class TunnelDrops {
    /** One may be a stranger's. */
    private static final long LEAST = 3;

    private final Patient patient;
    private final Map<DropReason, Long> grown = new EnumMap<>(DropReason.class);

    TunnelDrops(Patient patient, Map<DropReason, Long> before, Map<DropReason, Long> after) {
        this.patient = patient;
        for (DropReason reason : DropReason.values()) {
            long packets = after.getOrDefault(reason, 0L) - before.getOrDefault(reason, 0L);
            if (packets >= LEAST) {
                grown.put(reason, packets);
            }
        }
    }

    /** Of the peer's packets. */
    List<Finding> received() {
        List<Finding> findings = new ArrayList<>();
        for (DropReason reason : grown.keySet()) {
            if (reason == DropReason.SEQUENCE_OLD) {
                findings.add(sequenceOld());
            } else if (reason == DropReason.HOST_JOINED) {
                findings.add(hostJoined());
            } else if (reason.direction() == DropReason.Direction.RECEIVE) {
                findings.add(
                        Finding.warning(
                                "drops",
                                evidence(reason),
                                "the tunnel does not take these packets of the peer's",
                                look()));
            }
        }
        return findings;
    }

    /** Of what was to be sent. */
    List<Finding> sent() {
        List<Finding> findings = new ArrayList<>();
        for (DropReason reason : grown.keySet()) {
            if (reason.direction() == DropReason.Direction.TRANSMIT) {
                switch (reason) {
                    case LOOP, ROUTE_LOOP -> findings.add(loop(reason));
                    case LINK_GONE,
                            LOCAL_ADDRESS_GONE,
                            REMOTE_IS_LOCAL,
                            NO_ROUTE,
                            UNDERLAY_DOWN,
                            UNDERLAY_FORBIDDEN,
                            UNDERLAY_REFUSED ->
                            findings.add(
                                    Finding.error(
                                            "send-drops",
                                            evidence(reason),
                                            "nothing of these packets leaves this host",
                                            look()));
                    // sizes that were tried on purpose, and what a host sends of itself
                    case TOO_BIG,
                            TOO_BIG_UNANSWERED,
                            UNDERLAY_TOO_BIG,
                            PAYLOAD_MALFORMED,
                            PAYLOAD_NOT_CARRIED -> {}
                    default ->
                            findings.add(
                                    Finding.warning(
                                            "send-drops",
                                            evidence(reason),
                                            "some packets do not leave this host",
                                            look()));
                }
            }
        }
        return findings;
    }

    private Finding loop(DropReason reason) {
        return Finding.error(
                RouteCheck.LOOP,
                evidence(reason),
                "the tunnel's own packets come back into the tunnel: a route, a rule (ip rule) or"
                        + " one of several next hops leads the remote into it",
                RouteCheck.routeOfItsOwn(patient, IpPrefix.text(patient.spec().remote()))
                        + "\nwhere a rule leads it there: ip rule show");
    }

    private Finding sequenceOld() {
        return Finding.error(
                "sequence-old",
                evidence(DropReason.SEQUENCE_OLD),
                "the peer has started again and counts from 0: with iseq it is not heard until it"
                        + " has passed the old number. Or its packets are doubled on the way",
                patient.rerun().with("noiseq", spec -> spec.inputSequence(false))
                        + "\nor start this side again as it is, and again whenever the peer starts");
    }

    private Finding hostJoined() {
        return Finding.warning(
                "host-joined",
                evidence(DropReason.HOST_JOINED),
                "a device on the way to the tunnel joins datagrams, in this network namespace or,"
                        + " in front of a container, in the host's; a socket is not told how"
                        + " large they were",
                "ethtool -K DEVICE rx-udp-gro-forwarding off rx-gro-list off");
    }

    private String evidence(DropReason reason) {
        return "%s dropped %d packets meanwhile: %s (%s)"
                .formatted(patient.name(), grown.get(reason), reason.label(), reason.description());
    }

    private String look() {
        return "culvert trace --drops " + patient.name();
    }
}

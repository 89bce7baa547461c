package io.culvert.doctor.peer;

import io.culvert.doctor.Finding;
import io.culvert.doctor.Severity;
import io.culvert.doctor.UnreachableSilence;
import io.culvert.netlink.IpPrefix;
import io.culvert.spec.Outer;
import io.culvert.spec.OuterIpv4;
import io.culvert.spec.TunnelSpec;
import io.culvert.wire.Icmpv4Message;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What ICMP errors about the tunnel's packets mean: routers', the peer's, and this host's own. */
final class IcmpErrorFindings {
    private static final int IGMP = 2;

    private final PeerExamination examination;
    private final TunnelSpec spec;
    private final Observation seen;
    private final List<Finding> findings = new ArrayList<>();
    private boolean areRefusals;

    IcmpErrorFindings(PeerExamination examination, Observation seen) {
        this.examination = examination;
        this.spec = examination.spec();
        this.seen = seen;
        multicast();
        peersErrors();
        ownErrors();
    }

    List<Finding> all() {
        return findings;
    }

    /** Whether the errors refuse what the tunnel sends. */
    boolean areRefusals() {
        return areRefusals;
    }

    private List<IcmpSight> aboutOurs() {
        return seen.sightings().errors().stream()
                .filter(
                        e ->
                                !e.isOutgoing()
                                        && e.quotedDestination()
                                                == ((OuterIpv4) spec.outer()).remoteBits())
                .filter(e -> !IcmpErrorWords.isTooBig(e))
                .toList();
    }

    /**
     * Packets that a program sends with a TTL of 1, as routing protocols do: OSPF, RIP and PIM to
     * groups, BGP by TCP. Not a traceroute's, and not what every host sends about its groups.
     */
    private void multicast() {
        List<IcmpSight> dead =
                aboutOurs().stream()
                        .filter(this::isAboutTtlOfOne)
                        .filter(e -> isProgram(e))
                        .toList();
        if (dead.isEmpty()) {
            return;
        }
        findings.add(
                Finding.warning(
                        "multicast-ttl",
                        "%d ICMP errors: %s about packets to %s, whose inner TTL was 1"
                                .formatted(
                                        dead.size(),
                                        IcmpErrorWords.of(dead.get(0)),
                                        dead.get(0).inner().destination()),
                        "a routing protocol sends packets with TTL 1, ttl inherit gives it to the"
                                + " outer packet, and the first router drops that: pings pass, and"
                                + " neighbours never hear of each other",
                        examination.rerun().with("ttl 64", b -> b.ttl(64))));
    }

    private boolean isAboutTtlOfOne(IcmpSight error) {
        return spec.outer().ttl() == Outer.TTL_INHERIT
                && error.type() == Icmpv4Message.TIME_EXCEEDED
                && error.inner() != null
                && error.inner().ttl() == 1;
    }

    private static boolean isProgram(IcmpSight error) {
        int protocol = error.inner().protocol();
        return error.inner().isMulticast()
                ? protocol != IGMP
                        && protocol != IpProtocol.ICMPV6
                        && protocol != IpProtocol.IPV6_HOP_BY_HOP
                : protocol == IpProtocol.TCP;
    }

    /** ICMP errors from the peer or from the way to it. */
    private void peersErrors() {
        Map<String, Long> counts = new LinkedHashMap<>();
        Map<String, IcmpSight> firsts = new LinkedHashMap<>();
        for (IcmpSight error : aboutOurs()) {
            if (!isAboutTtlOfOne(error)) {
                String words = IcmpErrorWords.of(error);
                counts.merge(words, 1L, Long::sum);
                firsts.putIfAbsent(words, error);
            }
        }
        boolean isAnswered = !seen.sightings().answers().isEmpty();
        counts.forEach(
                (words, count) -> {
                    String evidence = count + " ICMP errors: " + words;
                    findings.add(peersError(firsts.get(words), evidence, isAnswered));
                });
        areRefusals = !counts.isEmpty() && !isAnswered;
    }

    /** Where pings are answered, an error is about some packets only. */
    private Finding peersError(IcmpSight error, String evidence, boolean isAnswered) {
        String id = IcmpErrorWords.id(error);
        if (isAnswered && id.equals("ttl-exceeded")) {
            // of a traceroute, or of too little quoted to tell
            return Finding.ok(id, evidence + "; pings get through");
        }
        return new Finding(
                id,
                isAnswered ? Severity.WARNING : Severity.ERROR,
                evidence,
                IcmpErrorWords.meaning(error, spec),
                IcmpErrorWords.remedy(error, spec, examination.ours(), examination.rerun()));
    }

    /** What this host itself says to the peer. */
    private void ownErrors() {
        Optional<IcmpSight> own =
                seen.sightings().errors().stream()
                        .filter(e -> e.isOutgoing() && e.type() == 3 && !IcmpErrorWords.isTooBig(e))
                        .findFirst();
        if (own.isEmpty()) {
            return;
        }
        long count = seen.sightings().errors().stream().filter(IcmpSight::isOutgoing).count();
        findings.add(
                Finding.warning(
                        "icmp-unreachable-out",
                        "this host sent "
                                + count
                                + " ICMP errors: "
                                + IcmpErrorWords.kind(own.get())
                                + " about packets from "
                                + Ipv4Address.format(own.get().quotedSource()),
                        "the kernel tells the peer that nobody here takes its packets: the tunnel"
                                + " does not run, or a kernel module without a tunnel answers."
                                + " A Linux peer reports \"Destination Host Unreachable\" then",
                        UnreachableSilence.commands(IpPrefix.text(spec.remote()))));
    }
}

package io.culvert.doctor.peer;

import io.culvert.doctor.Finding;
import io.culvert.doctor.Severity;
import io.culvert.netlink.IpPrefix;
import io.culvert.tunnel.TunnelMode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.wire.Ipv4Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Judges what a probe saw. */
final class PeerFindings {
    /** As many, evenly spread, as no coincidence brings in the moment after we sent. */
    private static final int LEAST_UNASKED = 3;

    private final PeerExamination examination;
    private final TunnelSpec spec;
    private final InnerEcho echo;
    private final Observation seen;
    private final PeerExamination.CloudAdvice cloud;
    private final String remote;
    private final List<Finding> findings = new ArrayList<>();

    PeerFindings(
            PeerExamination examination,
            InnerEcho echo,
            Observation seen,
            PeerExamination.CloudAdvice cloud) {
        this.examination = examination;
        this.spec = examination.spec();
        this.echo = echo;
        this.seen = seen;
        this.cloud = cloud;
        this.remote = IpPrefix.text(spec.remote());
    }

    List<Finding> all() {
        List<OuterSight> fromPeer = received(true);
        boolean isRefused = peersErrors();
        ownErrors();
        if (sentOuter() == 0 && echo != null) {
            nothingSent();
            return findings;
        }
        if (fromPeer.isEmpty()) {
            if (!received(false).isEmpty()) {
                anotherAddress();
            } else if (!isRefused) {
                nothingCame();
            }
            return findings;
        }
        boolean isTaken = spec.mode() != TunnelMode.GRE || options(fromPeer);
        onlyAfterSending(fromPeer);
        if (isTaken && !isRefused) {
            answers(fromPeer);
        }
        PathMtuFinding.of(spec, seen).ifPresent(findings::add);
        return findings;
    }

    /** Outer packets from the remote, or from others. */
    private List<OuterSight> received(boolean isFromRemote) {
        return seen.sightings().outer().stream()
                .filter(o -> !o.isOutgoing())
                .filter(o -> (o.source() == spec.remoteBits()) == isFromRemote)
                .toList();
    }

    private long sentOuter() {
        return seen.sightings().outer().stream()
                .filter(o -> o.isOutgoing() && o.destination() == spec.remoteBits())
                .count();
    }

    private String protocolWords() {
        return spec.mode().word() + " (IP protocol " + protocol() + ")";
    }

    private int protocol() {
        return examination.protocols().get(0);
    }

    private void nothingSent() {
        findings.add(
                Finding.error(
                        "nothing-sent",
                        "%d packets were given to %s, and none left by %s%s"
                                .formatted(
                                        seen.sent(),
                                        spec.name(),
                                        examination.route().outName(),
                                        seen.refusal().isEmpty() ? "" : ": " + seen.refusal()),
                        "the tunnel on this side does not send: its device is down, its process"
                                + " does not run any more, or this host's packet filter drops what"
                                + " it sends",
                        "ip link set " + spec.name() + " up"));
    }

    private void nothingCame() {
        String ping =
                seen.sightings().isPlainEchoAnswered()
                        ? "a ping of " + remote + " itself is answered"
                        : "a ping of " + remote + " itself is not answered";
        if (examination.isGuess(echo)) {
            guessed(ping);
            return;
        }
        if (!seen.sightings().answersAside().isEmpty()) {
            findings.add(
                    Finding.error(
                            "answers-beside-the-tunnel",
                            "%d requests through the tunnel, %d answers that came outside of it"
                                    .formatted(seen.sent(), seen.sightings().answersAside().size()),
                            "the peer takes our packets and answers by another way: it has no"
                                    + " route to our inner address through its tunnel",
                            "on the peer: ip route add OUR-INNER-ADDRESS dev ITS-TUNNEL"));
            return;
        }
        findings.add(
                Finding.error(
                        "nothing-comes-back",
                        String.format(
                                Locale.ROOT,
                                "sent %d %s packets to %s in %.1f s, received 0, and no ICMP"
                                        + " error; %s",
                                sentOuter(),
                                protocolWords(),
                                remote,
                                seen.seconds(),
                                ping),
                        "the peer has no tunnel that takes ours (its remote, its key), or"
                                + " something on the way drops the protocol silently: a security"
                                + " group, a firewall, or the network itself. "
                                + cloud.advice(protocol()),
                        "on the peer: tcpdump -ni any ip proto "
                                + protocol()
                                + "    # shows whether our packets get there\n"
                                + "on both sides: let IP protocol "
                                + protocol()
                                + " in from the other's public address"));
    }

    /** A peer that does not answer a guess may yet be well. */
    private void guessed(String ping) {
        int answers = seen.sightings().answersAside().size();
        if (answers > 0) {
            findings.add(
                    Finding.ok(
                            "peer",
                            "%s took %d of %d %s packets: it answered what was in them, beside the tunnel"
                                    .formatted(remote, answers, seen.sent(), protocolWords())));
            return;
        }
        findings.add(
                Finding.unknown(
                        "no-traffic",
                        String.format(
                                Locale.ROOT,
                                "no %s packet from %s in %.1f s; %s",
                                protocolWords(),
                                remote,
                                seen.seconds(),
                                ping),
                        "the peer did not use the tunnel, and its inner address is not known, so"
                                + " that it could be asked",
                        "culvert doctor ... address ADDR peer PEER, or --ping PEER"));
    }

    private void anotherAddress() {
        Map<Integer, Long> bySource = new LinkedHashMap<>();
        received(false).forEach(o -> bySource.merge(o.source(), 1L, Long::sum));
        Map.Entry<Integer, Long> most =
                bySource.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
        String other = Ipv4Address.format(most.getKey());
        findings.add(
                Finding.error(
                        "another-address",
                        "%d %s packets from %s, none from the remote %s"
                                .formatted(most.getValue(), protocolWords(), other, remote),
                        "the peer's packets come from another address than the tunnel has as its"
                                + " remote, as behind NAT or when the peer sends by another of its"
                                + " addresses; so they belong to no tunnel",
                        "culvert run "
                                + spec.name()
                                + " ... remote "
                                + other
                                + "\nor on the peer: local "
                                + remote));
    }

    /** ICMP errors from the peer or from the way to it; whether they refuse what we send. */
    private boolean peersErrors() {
        Map<String, Long> counts = new LinkedHashMap<>();
        Map<String, IcmpSight> firsts = new LinkedHashMap<>();
        for (IcmpSight error : seen.sightings().errors()) {
            boolean isOurs = !error.isOutgoing() && error.quotedDestination() == spec.remoteBits();
            if (isOurs && !IcmpErrorWords.isTooBig(error)) {
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
        return !counts.isEmpty() && !isAnswered;
    }

    /** Where pings are answered, an error is about some packets only. */
    private Finding peersError(IcmpSight error, String evidence, boolean isAnswered) {
        String id = IcmpErrorWords.id(error);
        if (isAnswered && id.equals("ttl-exceeded")) {
            // a host's own multicast has a TTL of 1, and is not meant for the peer
            return Finding.ok(id, evidence + "; pings get through");
        }
        return new Finding(
                id,
                isAnswered ? Severity.WARNING : Severity.ERROR,
                evidence,
                IcmpErrorWords.meaning(error, spec),
                IcmpErrorWords.remedy(error, spec));
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
                        "nft add table ip culvert\n"
                                + "nft 'add chain ip culvert out { type filter hook output priority"
                                + " 0 ; }'\n"
                                + "nft add rule ip culvert out icmp type destination-unreachable"
                                + " ip daddr "
                                + remote
                                + " drop"));
    }

    /** Whether the tunnel takes the peer's packets by their GRE options. */
    private boolean options(List<OuterSight> fromPeer) {
        List<Finding> wrong = new GreOptionFindings(spec, remote, fromPeer).all();
        findings.addAll(wrong);
        return wrong.isEmpty();
    }

    private void onlyAfterSending(List<OuterSight> fromPeer) {
        List<OuterSight> unasked =
                fromPeer.stream()
                        .filter(o -> !o.isAnswer() && o.nanos() > seen.firstSendNanos())
                        .toList();
        boolean anythingBefore =
                seen.sightings().outer().stream().anyMatch(o -> o.nanos() <= seen.firstSendNanos());
        if (anythingBefore || unasked.size() < LEAST_UNASKED) {
            return;
        }
        double spreadSeconds =
                (unasked.get(unasked.size() - 1).nanos() - unasked.get(0).nanos()) / 1e9;
        double gapSeconds = spreadSeconds / (unasked.size() - 1);
        if (gapSeconds > seen.quietSeconds() / 2) {
            return; // they are so rare that the silence before says nothing
        }
        double afterMillis = (unasked.get(0).nanos() - seen.firstSendNanos()) / 1e6;
        findings.add(
                Finding.warning(
                        "only-after-sending",
                        String.format(
                                Locale.ROOT,
                                "%.1f s of silence; %.0f ms after our first packet the peer's own"
                                        + " came, %d in %.1f s",
                                seen.quietSeconds(),
                                afterMillis,
                                unasked.size(),
                                spreadSeconds),
                        "we hear the peer only after we have sent something: a stateful firewall"
                                + " in front of this host, such as a security group, lets its"
                                + " packets in as answers only. When the tunnel is silent, the"
                                + " peer cannot begin",
                        "let IP protocol "
                                + protocol()
                                + " in from "
                                + remote
                                + " in this host's security group\n"
                                + "or keep it open from here: culvert run "
                                + spec.name()
                                + " ... keepalive 10"));
    }

    private void answers(List<OuterSight> fromPeer) {
        if (echo == null) {
            findings.add(
                    Finding.ok(
                            "peer",
                            fromPeer.size() + " packets from " + remote + ", all as they should"));
            return;
        }
        String inner = IpPrefix.text(echo.to());
        if (seen.sightings().answers().isEmpty()) {
            findings.add(
                    Finding.warning(
                            "no-inner-answer",
                            "%d packets from %s, but none of %d pings of %s through the tunnel is answered"
                                    .formatted(fromPeer.size(), remote, seen.sent(), inner),
                            "the peer's packets get here and ours get no answer: they are dropped"
                                    + " on the way there, the peer's tunnel does not take them"
                                    + " (its key, its remote), "
                                    + inner
                                    + " is not its address, or it answers no ping",
                            "on the peer: tcpdump -ni any ip proto "
                                    + protocol()
                                    + "\non the peer: ip addr show; ip route get OUR-INNER-ADDRESS"));
            return;
        }
        findings.addAll(new AnswerFindings(spec, inner, seen, fromPeer).all());
    }
}

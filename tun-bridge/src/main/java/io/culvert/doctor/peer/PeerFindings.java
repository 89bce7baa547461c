package io.culvert.doctor.peer;

import io.culvert.doctor.Finding;
import io.culvert.doctor.Severity;
import io.culvert.netlink.IpPrefix;
import io.culvert.spec.Gre;
import io.culvert.spec.KeepaliveSpec;
import io.culvert.spec.TunnelSpec;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
    private final PeerTraffic traffic;
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
        this.traffic = new PeerTraffic(examination, seen.sightings());
    }

    List<Finding> all() {
        List<OuterSight> fromPeer = traffic.fromPeer();
        IcmpErrorFindings errors = new IcmpErrorFindings(examination, seen);
        findings.addAll(errors.all());
        if (traffic.sent() == 0 && echo != null) {
            nothingSent();
            return findings;
        }
        if (fromPeer.isEmpty()) {
            if (!traffic.toAnotherAddress().isEmpty()) {
                toAnotherAddress(traffic.toAnotherAddress());
            } else if (!traffic.fromAnotherAddress().isEmpty()) {
                anotherAddress(traffic.fromAnotherAddress());
            } else if (!errors.areRefusals()) {
                nothingCame();
            }
            return findings;
        }
        boolean isTaken = !(spec.header() instanceof Gre) || isTakenAsGre(fromPeer);
        onlyAfterSending(fromPeer);
        if (isTaken && !errors.areRefusals()) {
            answers(fromPeer);
        }
        PathMtuFinding.of(examination, seen).ifPresent(findings::add);
        return findings;
    }

    private String protocolWords() {
        return spec.word() + " (IP protocol " + protocol() + ")";
    }

    private int protocol() {
        return examination.protocols().get(0);
    }

    private void nothingSent() {
        findings.add(
                Finding.error(
                        PeerExamination.NOTHING_SENT,
                        "%d packets were given to %s, and none left by %s%s"
                                .formatted(
                                        seen.sent(),
                                        spec.name(),
                                        examination.route().outName(),
                                        seen.refusal().isEmpty() ? "" : ": " + seen.refusal()),
                        "the tunnel on this side does not send: its process drops what it is given,"
                                + " or this host's packet filter or a policy (ip rule, IPsec) keeps"
                                + " it from the device where it should leave",
                        "ip -s link show "
                                + spec.name()
                                + "    # TX errors and drops\nculvert stats "
                                + spec.name()
                                + "    # the reasons, where Culvert runs it"));
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
        if (traffic.fromPeerForOthers() > 0) {
            onlyOthersGetThrough();
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
                                traffic.sent(),
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

    /** Two peers behind one address look like this, and so does one that has half a tunnel. */
    private void onlyOthersGetThrough() {
        findings.add(
                Finding.error(
                        "only-others-come",
                        "%d packets from %s are for other tunnels of this host, none for %s"
                                .formatted(traffic.fromPeerForOthers(), remote, spec.name()),
                        "the protocol gets through. Either the peer does not have this tunnel (its"
                                + " key), or a second peer is behind the same address: a NAT lets"
                                + " only one of them through, since GRE and IPIP have no ports",
                        "on the peer: ip -d tunnel show    # compare remote, local and key\n"
                                + "for two peers behind one NAT: give each its own public address,"
                                + " or lead both through one tunnel"));
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
                        "run it again with --ping and the peer's address inside the tunnel"));
    }

    private void anotherAddress(List<OuterSight> packets) {
        Inet4Address other = PeerTraffic.most(packets, OuterSight::source);
        String source = IpPrefix.text(other);
        findings.add(
                Finding.error(
                        "another-address",
                        "%d %s packets from %s, none from the remote %s"
                                .formatted(packets.size(), protocolWords(), source, remote),
                        "the peer's packets come from another address than the tunnel has as its"
                                + " remote, as behind NAT or when the peer sends by another of its"
                                + " addresses; so they belong to no tunnel. Of several peers behind"
                                + " one address a NAT lets only one through, since GRE and IPIP"
                                + " have no ports",
                        examination.rerun().with("remote " + source, b -> b.remote(other))
                                + "\nor on the peer: local "
                                + remote));
    }

    private void toAnotherAddress(List<OuterSight> packets) {
        Inet4Address other = PeerTraffic.most(packets, OuterSight::destination);
        String destination = IpPrefix.text(other);
        String local = IpPrefix.text(spec.local());
        findings.add(
                Finding.error(
                        "another-local-address",
                        "%d %s packets from %s came to %s, none to the local address %s"
                                .formatted(
                                        packets.size(),
                                        protocolWords(),
                                        remote,
                                        destination,
                                        local),
                        "the peer sends to another address of this host than the tunnel has as its"
                                + " local; so its packets belong to no tunnel",
                        examination.rerun().with("local " + destination, b -> b.local(other))
                                + "\nor on the peer: remote "
                                + local));
    }

    /** Whether the tunnel takes the peer's packets by what they carry and by their options. */
    private boolean isTakenAsGre(List<OuterSight> fromPeer) {
        boolean isAnswered = !seen.sightings().answers().isEmpty();
        List<Finding> wrong = new ArrayList<>();
        new PayloadFindings(spec, remote, IpPrefix.text(examination.ours()), fromPeer)
                .foreign(isAnswered)
                .ifPresent(wrong::add);
        List<OuterSight> ordinary = PayloadFindings.meantForIp(fromPeer);
        if (!ordinary.isEmpty()) {
            wrong.addAll(new GreOptionFindings(spec, examination.rerun(), remote, ordinary).all());
        }
        findings.addAll(wrong);
        return wrong.stream().allMatch(f -> f.severity() != Severity.ERROR);
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
                                + "or keep it open from here:\n"
                                + keepingOpen()));
    }

    private String keepingOpen() {
        return spec.header() instanceof Gre && !examination.rerun().isKernels()
                ? examination
                        .rerun()
                        .with("keepalive 10", b -> b.keepalive(new KeepaliveSpec(10_000, 3, false)))
                : "ping -q -i 10 " + (echo == null ? "PEER" : IpPrefix.text(echo.to()));
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
                            "%d packets from %s, but none of %d pings of %s through the tunnel is answered%s"
                                    .formatted(
                                            fromPeer.size(),
                                            remote,
                                            seen.sent(),
                                            inner,
                                            innerSource(fromPeer, inner)),
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
        findings.addAll(new AnswerFindings(spec, examination.rerun(), inner, seen, fromPeer).all());
    }

    /** Whose packets they are inside, where that is not who was asked. */
    private static String innerSource(List<OuterSight> packets, String asked) {
        List<OuterSight> inside = packets.stream().filter(o -> o.innerSource() != 0).toList();
        if (inside.isEmpty()) {
            return "";
        }
        String source = IpPrefix.text(PeerTraffic.most(inside, OuterSight::innerSource));
        return source.equals(asked) ? "" : "; those come from " + source + " inside";
    }
}

package io.culvert.doctor;

import io.culvert.doctor.firewall.ConnectionState;
import io.culvert.doctor.firewall.Fate;
import io.culvert.doctor.firewall.Filter;
import io.culvert.doctor.firewall.Flow;
import io.culvert.doctor.firewall.Hook;
import io.culvert.doctor.firewall.IptablesRules;
import io.culvert.doctor.firewall.NftRuleset;
import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.RouteAnswer;
import io.culvert.spec.OuterIpv4;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether this host's own packet filter lets the tunnel's packets in and out: its rules are asked
 * one by one about such a packet.
 */
final class FirewallCheck implements Check {
    private static final String ID = "firewall";

    @Override
    public List<Finding> examine(Patient patient) {
        if (!patient.hasTunnel()) {
            return List.of();
        }
        if (!(patient.spec().outer() instanceof OuterIpv4)) {
            return List.of(
                    Finding.unknown(
                            ID,
                            "the tunnel's outer packets are IPv6",
                            "only rules for IPv4 are read here: a rule of this host may stop them",
                            "nft list ruleset"));
        }
        List<Finding> findings = new ArrayList<>();
        List<Filter> filters = read(patient.host(), findings);
        RouteAnswer route = patient.route();
        for (Filter filter : filters) {
            for (int protocol : patient.protocols()) {
                findings.addAll(inbound(patient, filter, route, protocol));
                findings.addAll(outbound(patient, filter, route, protocol));
            }
        }
        forwarded(patient, filters).ifPresent(findings::add);
        if (findings.isEmpty()) {
            findings.add(
                    Finding.ok(
                            ID,
                            "no rule of "
                                    + filters.stream()
                                            .map(Filter::program)
                                            .reduce((a, b) -> a + " and " + b)
                                            .orElse("a packet filter")
                                    + " stops the tunnel's packets"));
        }
        return findings;
    }

    private static List<Filter> read(Host host, List<Finding> findings) {
        List<Filter> filters = new ArrayList<>();
        Optional<ProgramOutput> json = host.run("nft", "-j", "list", "ruleset");
        if (json.isPresent() && json.get().succeeded()) {
            String text =
                    host.run("nft", "-a", "list", "ruleset").map(ProgramOutput::stdout).orElse("");
            try {
                filters.add(NftRuleset.read(json.get().stdout(), text));
            } catch (IllegalArgumentException e) {
                findings.add(unreadable("nft -j list ruleset: " + e.getMessage()));
            }
        } else {
            json.ifPresent(o -> findings.add(unreadable("nft list ruleset: " + o.complaint())));
        }
        // iptables of today shows nft's own rules; the tables of old are seen by its old program.
        boolean hasOldTables = !host.text(Host.PROC_NET + "ip_tables_names").orElse("").isBlank();
        if (hasOldTables || json.isEmpty()) {
            Optional<ProgramOutput> rules = host.run("iptables-legacy", "-S");
            if (rules.isEmpty()) {
                rules = host.run("iptables", "-S");
            }
            if (rules.isPresent() && rules.get().succeeded()) {
                filters.add(IptablesRules.read(rules.get().stdout()));
            } else if (rules.isPresent()) {
                findings.add(unreadable("iptables -S: " + rules.get().complaint()));
            } else {
                findings.add(
                        unreadable(
                                json.isEmpty()
                                        ? "neither nft nor iptables is installed"
                                        : "there are iptables rules, and iptables is not"
                                                + " installed"));
            }
        }
        return filters;
    }

    private static Finding unreadable(String evidence) {
        return Finding.unknown(
                ID,
                evidence,
                "this host's packet filter could not be asked, so it may stop the tunnel",
                "");
    }

    private static List<Finding> inbound(
            Patient patient, Filter filter, RouteAnswer route, int protocol) {
        int local = bits(patient.outerSource());
        Flow flow =
                new Flow(
                        protocol,
                        ((OuterIpv4) patient.spec().outer()).remoteBits(),
                        local,
                        route.outName(),
                        "",
                        ConnectionState.NEW);
        Fate fate = filter.fate(Hook.INBOUND, flow);
        if (patient.passesHostIpBy()) {
            return List.of(inboundBesideHost(filter, fate, protocol, patient.spec().remote()));
        }
        Fate asAnswer = filter.fate(Hook.INBOUND, flow.in(ConnectionState.ESTABLISHED));
        return switch (fate.kind()) {
            case PASSES -> List.of();
            case UNSURE -> List.of(unsure("firewall-inbound", fate));
            case DROPPED, REJECTED -> {
                boolean letsAnswersIn = asAnswer.kind() == Fate.Kind.PASSES;
                String remote = IpPrefix.text(patient.spec().remote());
                String open = filter.openInbound(fate, protocol, remote);
                yield List.of(
                        letsAnswersIn
                                ? Finding.warning(
                                        "firewall-answers-only",
                                        evidence(filter, fate),
                                        "this host takes "
                                                + Protocol.words(protocol)
                                                + " from the peer only as an answer: the peer"
                                                + " cannot begin, and is not heard any more"
                                                + " when the tunnel was silent for a while",
                                        open)
                                : Finding.error(
                                        "firewall-inbound",
                                        evidence(filter, fate),
                                        "this host's own packet filter stops "
                                                + Protocol.words(protocol)
                                                + " from the peer",
                                        open));
            }
        };
    }

    /** Packet sockets have taken a packet before; the host decides about its own copy. */
    private static Finding inboundBesideHost(
            Filter filter, Fate fate, int protocol, InetAddress remote) {
        return switch (fate.kind()) {
            case PASSES, UNSURE -> Finding.ok(ID, "packet sockets take packets before it");
            case DROPPED ->
                    Finding.ok(
                            ID, evidence(filter, fate) + "; packet sockets take packets before it");
            case REJECTED ->
                    Finding.warning(
                            "firewall-answers",
                            evidence(filter, fate),
                            "the tunnel has the peer's "
                                    + Protocol.words(protocol)
                                    + " before this rule, but the host then answers each packet"
                                    + " with an ICMP error, which a Linux peer passes on to who"
                                    + " sends through its tunnel",
                            filter.openInbound(fate, protocol, IpPrefix.text(remote)));
        };
    }

    private static List<Finding> outbound(
            Patient patient, Filter filter, RouteAnswer route, int protocol) {
        Flow flow =
                new Flow(
                        protocol,
                        bits(patient.outerSource()),
                        ((OuterIpv4) patient.spec().outer()).remoteBits(),
                        "",
                        route.outName(),
                        ConnectionState.NEW);
        Fate fate = filter.fate(Hook.OUTBOUND, flow);
        return switch (fate.kind()) {
            case PASSES -> List.of();
            case UNSURE -> List.of(unsure("firewall-outbound", fate));
            case DROPPED, REJECTED -> List.of(outboundStop(patient, filter, fate, protocol));
        };
    }

    private static Finding outboundStop(Patient patient, Filter filter, Fate fate, int protocol) {
        String id = "firewall-outbound";
        String evidence = evidence(filter, fate);
        String what = "this host's own packet filter stops " + Protocol.words(protocol);
        String open = filter.openOutbound(fate, protocol, IpPrefix.text(patient.spec().remote()));
        return patient.passesHostIpBy()
                ? Finding.warning(
                        id,
                        evidence,
                        what
                                + " to the peer as long as the next hop's link address is not"
                                + " known, or packets are too big; others go round it",
                        open)
                : Finding.error(id, evidence, what + " to the peer", open);
    }

    /** Only a host that forwards has to; whether it should for this tunnel cannot be seen. */
    private static Optional<Finding> forwarded(Patient patient, List<Filter> filters) {
        if (Sysctl.number(patient.host(), "net/ipv4/ip_forward").orElse(0) == 0) {
            return Optional.empty();
        }
        Flow flow = Flow.anyFrom(patient.name());
        for (Filter filter : filters) {
            Fate fate = filter.fate(Hook.FORWARDED, flow);
            if (fate.kind() == Fate.Kind.DROPPED || fate.kind() == Fate.Kind.REJECTED) {
                return Optional.of(
                        Finding.unknown(
                                "firewall-forward",
                                evidence(filter, fate),
                                "hosts behind this one are not reached through the tunnel, if"
                                        + " they are meant to be",
                                filter.openForwarded(fate, patient.name())));
            }
        }
        return Optional.empty();
    }

    private static Finding unsure(String id, Fate fate) {
        return Finding.unknown(
                id,
                fate.because(),
                "whether this rule stops the tunnel's packets depends on more than can be seen",
                "");
    }

    private static String evidence(Filter filter, Fate fate) {
        return filter.program() + ", " + fate.chain() + ": " + fate.because();
    }

    private static int bits(InetAddress address) {
        return address == null ? 0 : ByteBuffer.wrap(address.getAddress()).getInt();
    }
}

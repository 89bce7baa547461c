package io.culvert.doctor;

import io.culvert.control.InterfaceAddress;
import io.culvert.control.KernelLoss;
import io.culvert.doctor.peer.PeerExamination;
import io.culvert.linux.LinuxException;
import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.Link;
import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteHop;
import io.culvert.packet.DropReason;
import io.culvert.spec.OuterIpv4;
import io.culvert.spec.TunnelSpec;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** Looks at a host and a tunnel on it, without changing anything. */
public final class Doctor {
    private static final List<Check> ENVIRONMENT =
            List.of(
                    new TunDeviceCheck(),
                    new RightsCheck(),
                    new SurroundingsCheck(),
                    new KernelModulesCheck(),
                    new DeviceCheck(),
                    new DeviceQueueCheck(),
                    new RouteCheck(),
                    new AddressesCheck(),
                    new MtuCheck(),
                    new MulticastCheck(),
                    new ReversePathCheck(),
                    new ForwardingCheck(),
                    new FirewallCheck(),
                    new ConntrackCheck(),
                    new RawSocketsCheck(),
                    new JoinedDatagramsCheck());

    private Doctor() {}

    /**
     * Looks at everything.
     *
     * @param probe how long to watch and ask the peer; zero to leave it in peace
     * @param innerPeer the peer's address inside the tunnel; {@code null} to derive it from ours
     * @param drops what the tunnel's process has dropped so far; nothing where it does not run
     */
    public static Diagnosis examine(
            Patient patient,
            Duration probe,
            InetAddress innerPeer,
            Supplier<Map<DropReason, Long>> drops) {
        List<Finding> findings = environment(patient);
        if (patient.hasTunnel() && !probe.isZero()) {
            Map<DropReason, Long> before = drops.get();
            List<Finding> ofPeer = peer(patient, probe, innerPeer, findings);
            TunnelDrops dropped = new TunnelDrops(patient, before, drops.get());
            findings.addAll(withReasons(ofPeer, dropped, findings));
            judgeLocalRemote(findings, ofPeer);
        }
        return new Diagnosis(subject(patient), findings);
    }

    /** The tunnel's own reasons say more than what was seen on the wire, where they are known. */
    private static List<Finding> withReasons(
            List<Finding> ofPeer, TunnelDrops dropped, List<Finding> environment) {
        List<Finding> findings = new ArrayList<>(ofPeer);
        List<Finding> unsent = new ArrayList<>(dropped.sent());
        if (!unsent.isEmpty()) {
            findings.removeIf(f -> f.id().equals(PeerExamination.NOTHING_SENT));
            unsent.removeIf(f -> environment.stream().anyMatch(known -> known.id().equals(f.id())));
        }
        if (ofPeer.stream().allMatch(f -> f.severity() == Severity.OK)) {
            findings.addAll(dropped.received());
        }
        findings.addAll(unsent);
        findings.removeIf(
                f -> // said already, by what stands in the system
                f.severity() != Severity.OK && environment.stream().anyMatch(e -> isSame(e, f)));
        return findings;
    }

    private static boolean isSame(Finding one, Finding other) {
        return one.id().equals(other.id()) && one.severity() != Severity.OK;
    }

    /** Nobody answers who is on both sides of a tunnel: the kernel keeps such packets to itself. */
    private static boolean isPeerHere(Patient patient, InetAddress innerPeer) {
        return innerPeer != null
                ? patient.isHere(innerPeer)
                : patient.innerAddresses().stream()
                        .map(InterfaceAddress::otherEnd)
                        .anyMatch(peer -> peer != null && patient.isHere(peer));
    }

    /** A remote that is this host is right where the peer answers, and the cause where it fails. */
    private static void judgeLocalRemote(List<Finding> findings, List<Finding> ofPeer) {
        boolean fails = ofPeer.stream().anyMatch(f -> f.severity() == Severity.ERROR);
        boolean answers =
                ofPeer.stream().anyMatch(f -> f.id().equals("peer") && f.severity() == Severity.OK);
        findings.replaceAll(
                f -> {
                    if (!f.id().equals(RouteCheck.REMOTE_IS_LOCAL) || f.severity() == Severity.OK) {
                        return f;
                    }
                    if (answers) {
                        return Finding.ok(f.id(), f.evidence() + "; and it answers");
                    }
                    return fails ? Finding.error(f.id(), f.evidence(), f.meaning(), f.remedy()) : f;
                });
    }

    /** A peer is judged by what comes back, which an error of this host would falsify. */
    private static List<Finding> peer(
            Patient patient, Duration probe, InetAddress innerPeer, List<Finding> environment) {
        if (environment.stream().anyMatch(f -> f.severity() == Severity.ERROR)) {
            return List.of(
                    Finding.unknown(
                            "peer",
                            "nothing was sent, because of the errors above",
                            "what the peer does can be seen once this host's own errors are"
                                    + " fixed",
                            ""));
        }
        if (!canBeAsked(patient.spec())) {
            return List.of(
                    Finding.unknown(
                            "peer",
                            "nothing was sent",
                            "peers of tunnels over IPv6 and of Ethernet tunnels are not asked yet",
                            "culvert trace %s    # while one side pings the other"
                                    .formatted(patient.name())));
        }
        RouteAnswer route = patient.route();
        // a device without a carrier takes nothing: then it is asked as if there were none
        Link device = patient.device().filter(Link::hasCarrier).orElse(null);
        int innerMtu =
                device == null ? patient.spec().innerMtuOver(route.pathMtu()) : device.linkMtu();
        Cloud cloud = Cloud.of(patient.host());
        PeerExamination examination =
                new PeerExamination(
                        patient.spec(),
                        patient.protocols(),
                        device,
                        route,
                        patient.innerAddresses(),
                        innerMtu,
                        innerPeer,
                        patient.hops().stream().map(RouteHop::outIndex).toList(),
                        patient.others().stream()
                                .map(other -> other.config().spec())
                                .filter(Doctor::canBeAsked)
                                .toList(),
                        patient.rerun());
        try {
            Map<String, Long> before = KernelLoss.read(patient.host()::text);
            List<Finding> findings = new ArrayList<>(examination.run(probe, cloud::advice));
            Map<String, Long> after = KernelLoss.read(patient.host()::text);
            if (!route.isLocal()) { // else our own packets are among those that are counted
                findings.addAll(KernelDrops.between(patient, before, after));
            } else if (isPeerHere(patient, innerPeer)) {
                findings.removeIf(f -> f.severity() != Severity.OK);
                findings.add(peerIsHere(patient));
            }
            return findings;
        } catch (LinuxException e) {
            return List.of(
                    Finding.unknown("peer", e.getMessage(), "the peer could not be asked", ""));
        }
    }

    private static boolean canBeAsked(TunnelSpec spec) {
        return spec.outer() instanceof OuterIpv4 && !spec.payload().isEthernet();
    }

    private static Finding peerIsHere(Patient patient) {
        return Finding.unknown(
                "peer",
                "the peer's inner address is this host's as well",
                "both ends are here, so the kernel takes packets to it without the tunnel: whether"
                        + " the tunnel carries them cannot be seen by pings",
                "culvert stats " + patient.name());
    }

    private static String subject(Patient patient) {
        if (!patient.hasTunnel()) {
            return "this host, for any tunnel";
        }
        TunnelSpec spec = patient.spec();
        String local = spec.local() == null ? "any" : IpPrefix.text(spec.local());
        return spec.name()
                + ": "
                + spec.word()
                + " "
                + local
                + " -> "
                + IpPrefix.text(spec.remote())
                + (patient.device().isPresent() ? "" : ", not up");
    }

    /** What there is to say about the host, in the order in which it was looked at. */
    static List<Finding> environment(Patient patient) {
        List<Finding> findings = new ArrayList<>();
        for (Check check : ENVIRONMENT) {
            try {
                findings.addAll(check.examine(patient));
            } catch (LinuxException e) {
                String name = check.getClass().getSimpleName().replace("Check", "");
                findings.add(
                        Finding.unknown(
                                name.toLowerCase(Locale.ROOT),
                                e.getMessage(),
                                "the kernel did not answer, so this could not be looked at",
                                ""));
            }
        }
        return findings;
    }
}

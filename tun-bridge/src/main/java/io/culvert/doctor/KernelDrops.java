package io.culvert.doctor;

import io.culvert.control.KernelLoss;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the kernel dropped behind the tunnel while it was looked at. */
final class KernelDrops {
    /** One may be a stranger's. */
    private static final long LEAST = 3;

    private KernelDrops() {}

    static List<Finding> between(
            Patient patient, Map<String, Long> before, Map<String, Long> after) {
        List<Finding> findings = new ArrayList<>();
        Host host = patient.host();
        String name = patient.name();
        long filtered = KernelLoss.growth(before, after, KernelLoss.REVERSE_PATH.counter());
        if (filtered >= LEAST) {
            findings.add(
                    Finding.warning(
                            "rp-filter-drops",
                            "IPReversePathFilter grew by %d meanwhile; %s"
                                    .formatted(filtered, ReversePathCheck.seen(host, name)),
                            "packets came whose source this host would answer by another device,"
                                    + " and were dropped silently: a route through the tunnel is"
                                    + " missing, or the filter is too strict"
                                    + (patient.passesHostIpBy()
                                            ? ". The peer's outer packets may be among them,"
                                                    + " which the tunnel has all the same"
                                            : ""),
                            "ip route add THEIR-NETWORK dev "
                                    + name
                                    + "\nor: "
                                    + ReversePathCheck.loosen(name)));
        }
        long foreign = KernelLoss.growth(before, after, "Ip.InAddrErrors");
        boolean forwards = Sysctl.number(host, "net/ipv4/ip_forward").orElse(0) != 0;
        if (foreign >= LEAST && !forwards) {
            findings.add(
                    Finding.warning(
                            "ip-forward-off",
                            "InAddrErrors grew by %d meanwhile; net.ipv4.ip_forward is 0"
                                    .formatted(foreign),
                            "packets for hosts behind this one came and were dropped: it does not"
                                    + " forward",
                            "sysctl -w net.ipv4.ip_forward=1"));
        }
        for (KernelLoss loss :
                List.of(KernelLoss.REASSEMBLY, KernelLoss.DISCARDED, KernelLoss.BACKLOG)) {
            long packets = KernelLoss.growth(before, after, loss.counter());
            if (packets >= LEAST) {
                findings.add(
                        Finding.warning(
                                "kernel-drops",
                                loss.counter() + " grew by " + packets + " meanwhile",
                                loss.description(),
                                loss.cure()));
            }
        }
        return findings;
    }
}

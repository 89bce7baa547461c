package io.culvert.doctor;

import io.culvert.netlink.Link;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the host forwards, and whether it takes packets with its own source address. Both are
 * needed by some tunnels only, so both are told and neither is a fault of its own.
 */
final class ForwardingCheck implements Check {
    @Override
    public List<Finding> examine(Patient patient) {
        Host host = patient.host();
        List<Finding> findings = new ArrayList<>();
        Sysctl.number(host, "net/ipv4/ip_forward")
                .ifPresent(
                        forward ->
                                findings.add(
                                        Finding.ok(
                                                "ip-forward",
                                                "net.ipv4.ip_forward is "
                                                        + forward
                                                        + (forward == 0
                                                                ? "; only hosts behind this one"
                                                                        + " would need 1"
                                                                : ""))));
        String device = patient.device().map(Link::name).orElse("default");
        long all = Sysctl.ofDevice(host, "all", "accept_local").orElse(0);
        long own = Sysctl.ofDevice(host, device, "accept_local").orElse(0);
        findings.add(
                Finding.ok(
                        "accept-local",
                        "accept_local: all %d, %s %d; only keepalives that the kernel is to answer would need 1"
                                .formatted(all, device, own)));
        return findings;
    }
}

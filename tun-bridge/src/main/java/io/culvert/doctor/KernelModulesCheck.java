package io.culvert.doctor;

import io.culvert.netlink.Link;
import io.culvert.spec.TunnelMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a module of the kernel receives the same packets. Protocol handlers are the whole
 * kernel's, so a module that the host loaded answers in every container as well.
 */
final class KernelModulesCheck implements Check {
    private static final String ID = "kernel-modules";

    @Override
    public List<Finding> examine(Patient patient) {
        List<TunnelMode> modes =
                patient.hasTunnel()
                        ? List.of(TunnelMode.of(patient.spec()))
                        : List.of(TunnelMode.values());
        List<String> seen = new ArrayList<>();
        List<String> loaded = new ArrayList<>();
        for (TunnelMode mode : modes) {
            look(patient.host(), mode, seen, loaded);
        }
        if (seen.isEmpty()) {
            String devices =
                    modes.stream()
                            .map(Protocol::fallbackDevice)
                            .reduce((a, b) -> a + " or " + b)
                            .orElseThrow();
            return List.of(
                    Finding.ok(ID, "no such module is loaded, and there is no device " + devices));
        }
        return List.of(
                Finding.warning(
                        ID,
                        String.join("; ", seen),
                        "the kernel receives every packet of this protocol as well. It has no"
                                + " tunnel for it and answers ICMP port unreachable, which makes a"
                                + " Linux peer report \"Destination Host Unreachable\" for ipip"
                                + " and sit. With the module there, \"ip tunnel\" may do without"
                                + " Culvert",
                        loaded.isEmpty()
                                ? UnreachableSilence.commands("")
                                : "modprobe -r " + String.join(" ", loaded)));
    }

    private static void look(Host host, TunnelMode mode, List<String> seen, List<String> loaded) {
        String modules = host.text("/proc/modules").orElse("");
        for (String module : Protocol.modules(mode)) {
            modules.lines()
                    .filter(line -> line.startsWith(module + " "))
                    .forEach(
                            line -> {
                                seen.add("/proc/modules: " + line.strip());
                                if (!loaded.contains(module)) {
                                    loaded.add(module);
                                }
                            });
        }
        String name = Protocol.fallbackDevice(mode);
        for (Link link : host.links()) {
            boolean isOfModule = !link.kind().equals("tun"); // else a tunnel of ours has that name
            if (link.name().equals(name) && isOfModule) {
                seen.add("there is a device " + name + (link.isUp() ? ", up" : ", down"));
            }
        }
    }
}

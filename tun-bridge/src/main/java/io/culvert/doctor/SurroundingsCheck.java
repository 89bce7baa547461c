package io.culvert.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What kind of container or machine this is. */
final class SurroundingsCheck implements Check {
    private static final String ID = "surroundings";

    /** gVisor's kernel says so of itself whatever the host's is; see its pkg/sentry/kernel. */
    private static final String GVISOR_VERSION = "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54";

    @Override
    public List<Finding> examine(Patient patient) {
        Host host = patient.host();
        String version = host.text("/proc/version").map(String::strip).orElse("");
        if (version.startsWith(GVISOR_VERSION)) {
            return List.of(
                    Finding.error(
                            ID,
                            "/proc/version is gVisor's: " + version,
                            "gVisor's network stack refuses raw sockets for protocols 47, 4 and 41",
                            "run this container with another runtime: docker run --runtime runc"
                                    + " ..."));
        }
        List<String> seen = new ArrayList<>();
        container(host).ifPresent(seen::add);
        machine(host).ifPresent(seen::add);
        return List.of(
                Finding.ok(ID, seen.isEmpty() ? "no container seen" : String.join("; ", seen)));
    }

    private static Optional<String> container(Host host) {
        if (host.exists("/.dockerenv")) {
            return Optional.of("Docker container (/.dockerenv)");
        }
        if (host.exists("/run/.containerenv")) {
            return Optional.of("Podman container (/run/.containerenv)");
        }
        Optional<String> named =
                host.text("/run/systemd/container").map(kind -> kind.strip() + " container");
        if (named.isPresent()) {
            return named;
        }
        if (host.exists("/proc/vz") && !host.exists("/proc/bc")) {
            return Optional.of("OpenVZ container (/proc/vz)");
        }
        return host.text("/proc/1/cgroup")
                .flatMap(text -> text.lines().filter(SurroundingsCheck::isContainers).findFirst())
                .map(line -> "container (/proc/1/cgroup: " + line + ")");
    }

    private static boolean isContainers(String cgroup) {
        return cgroup.contains("docker")
                || cgroup.contains("kubepods")
                || cgroup.contains("lxc")
                || cgroup.contains("containerd");
    }

    private static Optional<String> machine(Host host) {
        Cloud cloud = Cloud.of(host);
        String product = (Cloud.dmi(host, "sys_vendor") + " " + Cloud.dmi(host, "product_name"));
        if (cloud != Cloud.OTHER) {
            return Optional.of(cloud.words() + " (DMI: " + product.strip() + ")");
        }
        if (host.text("/proc/version").orElse("").toLowerCase(Locale.ROOT).contains("microsoft")) {
            return Optional.of("WSL (/proc/version)");
        }
        return product.isBlank() ? Optional.empty() : Optional.of("DMI: " + product.strip());
    }
}

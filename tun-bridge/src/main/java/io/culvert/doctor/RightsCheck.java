package io.culvert.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether this process has the capabilities that tunnels need. */
final class RightsCheck implements Check {
    private static final String ID = "rights";
    private static final int CAP_NET_ADMIN = 12; // linux/capability.h
    private static final int CAP_NET_RAW = 13; // linux/capability.h

    @Override
    public List<Finding> examine(Patient patient) {
        Optional<String> line =
                patient.host()
                        .text("/proc/self/status")
                        .flatMap(
                                status ->
                                        status.lines()
                                                .filter(l -> l.startsWith("CapEff:"))
                                                .findFirst());
        if (line.isEmpty()) {
            return List.of(
                    Finding.unknown(ID, "/proc/self/status has no CapEff", "is /proc there?", ""));
        }
        String hex = line.get().substring("CapEff:".length()).strip();
        long capabilities = Long.parseUnsignedLong(hex, 16);
        List<String> missing = new ArrayList<>();
        if ((capabilities >>> CAP_NET_ADMIN & 1) == 0) {
            missing.add("NET_ADMIN");
        }
        if ((capabilities >>> CAP_NET_RAW & 1) == 0) {
            missing.add("NET_RAW");
        }
        if (missing.isEmpty()) {
            return List.of(Finding.ok(ID, "CapEff " + hex + " has CAP_NET_ADMIN and CAP_NET_RAW"));
        }
        return List.of(
                Finding.error(
                        ID,
                        "CapEff " + hex + " lacks CAP_" + String.join(" and CAP_", missing),
                        "culvert run would not start: making a device takes CAP_NET_ADMIN, sending"
                                + " and receiving outer packets CAP_NET_RAW",
                        "run as root; a container: docker run --cap-add "
                                + String.join(" --cap-add ", missing)
                                + " ..."));
    }
}

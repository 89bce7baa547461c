package io.culvert.doctor;

import java.util.List;

/** Packets that the kernel lost because a raw socket's buffer was full. */
final class RawSocketsCheck implements Check {
    private static final String ID = "raw-drops";

    @Override
    public List<Finding> examine(Patient patient) {
        if (patient.passesHostIpBy()) {
            return List.of(Finding.ok(ID, "none receive; culvert stats has what is missed"));
        }
        String text = patient.host().text(Host.PROC_NET + "raw").orElse("");
        List<RawSocketLine> lines =
                RawSocketLine.readAll(text).stream()
                        .filter(line -> patient.protocols().contains(line.protocol()))
                        .toList();
        List<RawSocketLine> losing = lines.stream().filter(l -> l.drops() > 0).toList();
        if (losing.isEmpty()) {
            return List.of(Finding.ok(ID, "/proc/net/raw: " + lines.size() + " sockets, 0 drops"));
        }
        long drops = losing.stream().mapToLong(RawSocketLine::drops).sum();
        return List.of(
                Finding.warning(
                        ID,
                        "/proc/net/raw: " + drops + " drops: " + losing.get(0).text(),
                        "so many packets of this protocol came while a socket's buffer was full:"
                                + " they came faster than they were read",
                        patient.hasTunnel()
                                ? patient.rerun().withOption("--spin 50")
                                : "run each tunnel with --spin 50"));
    }
}

package io.culvert.doctor;

import io.culvert.wire.IpProtocol;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** How long this host's own connection tracking remembers a tunnel that is silent. */
final class ConntrackCheck implements Check {
    private static final String ID = "conntrack";
    private static final String KEYS = "net/netfilter/nf_conntrack_";

    @Override
    public List<Finding> examine(Patient patient) {
        Host host = patient.host();
        OptionalLong count = Sysctl.number(host, KEYS + "count");
        OptionalLong most = Sysctl.number(host, KEYS + "max");
        if (count.isEmpty()) {
            return List.of(Finding.ok(ID, "no connection tracking"));
        }
        if (most.orElse(0) > 0 && count.getAsLong() >= most.getAsLong()) {
            return List.of(
                    Finding.error(
                            ID + "-full",
                            "nf_conntrack_count %d, nf_conntrack_max %d"
                                    .formatted(count.getAsLong(), most.getAsLong()),
                            "the table of connections is full: packets of new ones are dropped,"
                                    + (patient.passesHostIpBy()
                                            ? " those in the tunnel; its outer packets go round it"
                                            : " and a tunnel that was silent is a new one"),
                            "sysctl -w net.netfilter.nf_conntrack_max=" + 2 * most.getAsLong()));
        }
        if (patient.passesHostIpBy()) {
            // how long it remembers what it does not see matters to nobody
            return List.of(
                    Finding.ok(
                            ID,
                            "nf_conntrack_count "
                                    + count.getAsLong()
                                    + "; packet sockets go round it"));
        }
        List<String> timeouts = new ArrayList<>();
        if (patient.protocols().contains(IpProtocol.GRE)) {
            addTimeout(host, "gre_timeout", timeouts);
            addTimeout(host, "gre_timeout_stream", timeouts);
        }
        if (!patient.protocols().equals(List.of(IpProtocol.GRE))) {
            addTimeout(host, "generic_timeout", timeouts);
        }
        return List.of(
                Finding.ok(
                        ID,
                        "nf_conntrack_count "
                                + count.getAsLong()
                                + (timeouts.isEmpty() ? "" : ", " + String.join(", ", timeouts))));
    }

    private static void addTimeout(Host host, String key, List<String> timeouts) {
        Sysctl.number(host, KEYS + key)
                .ifPresent(seconds -> timeouts.add("nf_conntrack_" + key + " " + seconds + " s"));
    }
}

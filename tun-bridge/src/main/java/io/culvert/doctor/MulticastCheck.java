package io.culvert.doctor;

import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.Link;
import io.culvert.netlink.RouteAnswer;
import io.culvert.spec.Outer;
import io.culvert.wire.Ipv4Address;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a routing protocol that runs over the tunnel gets through: it sends multicast with a TTL
 * of 1, which {@code ttl inherit} gives to the outer packet, and the first router drops that.
 */
final class MulticastCheck implements Check {
    /** The id, also of what is seen on the wire. */
    static final String ID = "multicast-ttl";

    /** Groups as {@code /proc/net/igmp} has them, in this machine's order, and who joins them. */
    private static final Map<String, String> GROUPS =
            Map.of(
                    "224.0.0.5", "OSPF",
                    "224.0.0.6", "OSPF",
                    "224.0.0.9", "RIP",
                    "224.0.0.10", "EIGRP",
                    "224.0.0.13", "PIM");

    @Override
    public List<Finding> examine(Patient patient) {
        Optional<Link> device = patient.hasTunnel() ? patient.device() : Optional.empty();
        if (device.isEmpty() || patient.spec().outer().ttl() != Outer.TTL_INHERIT) {
            return List.of();
        }
        List<String> joined = joined(patient.host(), device.get().name());
        RouteAnswer route = patient.route();
        if (joined.isEmpty() || !route.isReachable() || route.gateway() == null) {
            return List.of();
        }
        return List.of(
                Finding.warning(
                        ID,
                        "/proc/net/igmp: %s has joined %s; the remote is behind the router %s, and ttl is inherit"
                                .formatted(
                                        device.get().name(),
                                        String.join(", ", joined),
                                        IpPrefix.text(route.gateway())),
                        "a routing protocol sends multicast with TTL 1, which becomes the outer"
                                + " packet's, and the first router drops it: pings pass, and"
                                + " neighbours never hear of each other",
                        patient.rerun().with("ttl 64", spec -> spec.ttl(64))));
    }

    /** The groups of routing protocols that a device has joined, with their protocols. */
    private static List<String> joined(Host host, String device) {
        List<String> joined = new ArrayList<>();
        boolean isDevices = false;
        for (String line : host.text(Host.PROC_NET + "igmp").orElse("").lines().toList()) {
            String[] columns = line.strip().split("\\s+");
            if (!line.isEmpty() && !Character.isWhitespace(line.charAt(0))) {
                isDevices = columns.length > 1 && columns[1].equals(device);
            } else if (isDevices && columns[0].matches("[0-9A-F]{8}")) {
                String group = group(columns[0]);
                if (GROUPS.containsKey(group)) {
                    joined.add(group + " (" + GROUPS.get(group) + ")");
                }
            }
        }
        return joined;
    }

    /** The kernel prints the address's word as this machine reads it. */
    private static String group(String hex) {
        int word = Integer.parseUnsignedInt(hex, 16);
        boolean isLittle = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        int bits = isLittle ? Integer.reverseBytes(word) : word;
        return Ipv4Address.format(bits);
    }
}

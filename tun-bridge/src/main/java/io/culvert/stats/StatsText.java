package io.culvert.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Counts for people, in the columns of {@code ip -s -s link}.
 *
 * <pre>
 * tun0: up, gre 192.0.2.1 -> 192.0.2.2, mtu 1476, ttl inherit, pmtudisc, underlay packet
 *     pid 4711, netns hangzhou, up 0:01:01, path mtu 1500
 *     next hop 192.0.2.254 dev eth0 lladdr 02:00:00:00:00:02
 *     RX:   bytes  packets  errors  dropped  length  crc  frame  fifo
 *          127680     1520       3        0       0    0      0     0
 *     TX:   bytes  packets  errors  dropped  carrier  collisions
 *          127932     1523       0        0        0           0
 *     drop key-mismatch              3  the packet's key is not the tunnel's
 *     latency          p50      p90      p99    p99.9      max  packets
 *     TUN to wire  9.15 us  12.5 us  30.1 us  1.20 ms  3.01 ms     1523
 *     wire to TUN  8.03 us  10.1 us  22.7 us  81.0 us  1.10 ms     1520
 * lane/0: 1525 packets from the wire
 *     drop no-tunnel                 2  no tunnel has these outer addresses
 * </pre>
 */
public final class StatsText {
    private static final String INDENT = "    ";

    private final StringBuilder text = new StringBuilder();

    private StatsText() {}

    /**
     * The lines, each with its line feed.
     *
     * @param samples of the processes, one after the other
     */
    public static String of(List<Sample> samples) {
        StatsText all = new StatsText();
        boolean areSeveral = samples.size() > 1;
        for (Sample sample : samples) {
            String process = sample.process(areSeveral);
            for (TunnelSample tunnel : sample.tunnels()) {
                all.add(process, sample.uptimeSeconds(), tunnel);
            }
            String whose = areSeveral ? process + ": " : "";
            for (Sample.LaneSample lane : sample.lanes()) {
                all.add(whose, lane);
            }
            all.addKernelDrops(whose, new Fields(sample.answer()));
        }
        return all.text.toString();
    }

    private void add(String process, double uptimeSeconds, TunnelSample tunnel) {
        line("%s", tunnel.up());
        line(
                INDENT + "%s, up %s, path mtu %s",
                process,
                Units.uptime(uptimeSeconds),
                tunnel.pathMtu());
        addWay(text, tunnel);
        add("RX:", tunnel.received());
        add("TX:", tunnel.sent());
        addDrops(tunnel.drops());
        addIcmp(tunnel.fields());
        addLatencies(text, tunnel.latencySent(), tunnel.latencyReceived(), tunnel.roundTrip());
    }

    /** What keeps packets from leaving, if something does; else which way they go. */
    static void addWay(StringBuilder text, TunnelSample tunnel) {
        String cause = tunnel.fields().text("waiting-for");
        if (!cause.isEmpty()) {
            text.append(INDENT + "sending: ").append(cause).append('\n');
        } else {
            addNextHop(text, tunnel);
        }
    }

    /** A line in the words of ip-neighbour(8), or nothing where packets have no other way. */
    private static void addNextHop(StringBuilder text, TunnelSample tunnel) {
        Fields underlay = tunnel.fields().object("underlay");
        if (underlay.has("next-hop")) {
            Fields hop = underlay.object("next-hop");
            text.append(INDENT + "next hop ").append(hop.text("address"));
            text.append(" dev ").append(hop.text("device"));
            text.append(" lladdr ").append(hop.text("link-address")).append('\n');
        } else if (!underlay.text("obstacle").isEmpty()) {
            text.append(INDENT + "by raw sockets: ").append(underlay.text("obstacle")).append('\n');
        }
    }

    private void add(String title, LinkSide side) {
        List<String> head = new ArrayList<>(List.of(title));
        List<String> values = new ArrayList<>(List.of(""));
        head.add("bytes");
        values.add("" + side.bytes());
        head.add("packets");
        values.add("" + side.packets());
        for (Map.Entry<String, Long> count : side.counts().entrySet()) {
            head.add(count.getKey());
            values.add("" + count.getValue());
        }
        addTable(text, List.of(head, values));
    }

    private void addKernelDrops(String whose, Fields answer) {
        for (Fields loss : answer.objects("kernel-drops")) {
            line(
                    "%skernel: %s +%d: %s",
                    whose, loss.text("counter"), loss.number("packets"), loss.text("description"));
            line(INDENT + "try: %s", loss.text("cure"));
        }
    }

    private void addDrops(List<Drop> drops) {
        for (Drop drop : drops) {
            line(INDENT + "drop %-18s %8d  %s", drop.reason(), drop.packets(), drop.description());
        }
    }

    private void addIcmp(Fields tunnel) {
        if (tunnel.number("fragments-made") > 0) {
            line(INDENT + "fragments made: %d", tunnel.number("fragments-made"));
        }
        Fields icmp = tunnel.object("icmp");
        if (icmp.number("errors-received") > 0) {
            line(
                    INDENT + "ICMP errors about outer packets: %d, the last: %s",
                    icmp.number("errors-received"),
                    icmp.text("last-error"));
        }
        if (icmp.number("errors-written") > 0) {
            line(INDENT + "ICMP errors to inner senders: %d", icmp.number("errors-written"));
        }
        addKeepalives(tunnel.object("keepalive"));
    }

    private void addKeepalives(Fields keepalive) {
        if (keepalive.number("sent") + keepalive.number("received") > 0) {
            line(
                    INDENT + "keepalives: %d sent, %d received, %d answered",
                    keepalive.number("sent"),
                    keepalive.number("received"),
                    keepalive.number("answers-sent"));
        }
        if (keepalive.has("peer")) {
            Fields peer = keepalive.object("peer");
            line(
                    INDENT + "peer %s for %s: %d keepalives answered, %d lost",
                    peer.text("state"),
                    Units.uptime(peer.decimal("state-seconds")),
                    peer.number("answered"),
                    peer.number("lost"));
        }
    }

    /** A table, or nothing where nothing was measured. */
    static void addLatencies(
            StringBuilder text, Latency sent, Latency received, Latency roundTrip) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("latency"));
        Latency.PERCENTILES.forEach(percentile -> head.add("p" + Units.plain(percentile)));
        head.add("max");
        head.add("packets");
        rows.add(head);
        addRow(rows, "TUN to wire", sent);
        addRow(rows, "wire to TUN", received);
        addRow(rows, "round trip", roundTrip);
        if (rows.size() > 1) {
            addTable(text, rows);
        }
    }

    private static void addRow(List<List<String>> rows, String title, Latency latency) {
        if (latency == null || latency.isEmpty()) {
            return;
        }
        List<String> row = new ArrayList<>(List.of(title));
        for (long nanos : latency.nanos()) {
            row.add(Units.nanos(nanos));
        }
        row.add("" + latency.histogram().getTotalCount());
        rows.add(row);
    }

    private void add(String whose, Sample.LaneSample lane) {
        String missed =
                lane.missed() == 0
                        ? ""
                        : ", " + lane.missed() + " missed: a socket's receive buffer was full";
        line("%slane/%d: %d packets from the wire%s", whose, lane.lane(), lane.packets(), missed);
        addDrops(lane.drops());
    }

    /** The first column stands left, the others right. */
    private static void addTable(StringBuilder text, List<List<String>> rows) {
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(INDENT);
            for (int column = 0; column < row.size(); column++) {
                int width = 0;
                for (List<String> other : rows) {
                    width = Math.max(width, other.get(column).length());
                }
                String cell = row.get(column);
                String blanks = " ".repeat(width - cell.length());
                line.append(column == 0 ? cell + blanks : "  " + blanks + cell);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}

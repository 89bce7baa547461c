package io.culvert.cli;

import io.culvert.control.LaneCounts;
import io.culvert.control.Summary;
import io.culvert.control.TunnelCounts;
import io.culvert.packet.DropReason;
import java.util.Locale;
import java.util.Map;

/**
 * A summary as lines that begin with whom they are about, so that {@code grep '^tun0 '} finds all
 * of one tunnel and {@code awk} its numbers:
 *
 * <pre>
 * tun0 up 12.345 seconds
 * tun0 in 123 packets 4567 bytes
 * tun0 out 120 packets 4400 bytes
 * tun0 fragments 6 packets
 * tun0 icmp-out 1 errors to inner senders
 * tun0 icmp-in 2 errors about outer packets, the last: port unreachable (3/3) from 192.0.2.2
 * tun0 drop key-mismatch 5 packets: the packet's key is not the tunnel's
 * lane/0 in 130 packets
 * lane/0 missed 4 packets: a socket's receive buffer was full
 * lane/0 drop no-tunnel 2 packets: no tunnel has these outer addresses
 * </pre>
 *
 * <p>A device's name has no slash, so no tunnel is ever called like a lane. Lines of fragments,
 * ICMP, drops and missed packets appear when there are any.
 */
final class SummaryText {
    private final StringBuilder text = new StringBuilder();

    private SummaryText() {}

    /** The lines, each with its line feed. */
    static String of(Summary summary) {
        SummaryText all = new SummaryText();
        for (TunnelCounts tunnel : summary.tunnels()) {
            double seconds = summary.uptime().toMillis() / 1000.0;
            all.line("%s up %.3f seconds", tunnel.name(), seconds);
            all.add(tunnel);
        }
        for (LaneCounts lane : summary.lanes()) {
            all.add(lane);
        }
        return all.text.toString();
    }

    private void add(TunnelCounts tunnel) {
        String name = tunnel.name();
        line("%s in %d packets %d bytes", name, tunnel.receivedPackets(), tunnel.receivedBytes());
        line("%s out %d packets %d bytes", name, tunnel.sentPackets(), tunnel.sentBytes());
        if (tunnel.fragmentsMade() > 0) {
            line("%s fragments %d packets", name, tunnel.fragmentsMade());
        }
        if (tunnel.icmpErrorsWritten() > 0) {
            line("%s icmp-out %d errors to inner senders", name, tunnel.icmpErrorsWritten());
        }
        if (tunnel.icmpErrorsReceived() > 0) {
            line(
                    "%s icmp-in %d errors about outer packets, the last: %s",
                    name, tunnel.icmpErrorsReceived(), tunnel.lastIcmpError());
        }
        addDrops(name, tunnel.drops());
    }

    private void add(LaneCounts lane) {
        String name = "lane/" + lane.index();
        line("%s in %d packets", name, lane.receivedPackets());
        if (lane.missedPackets() > 0) {
            line(
                    "%s missed %d packets: a socket's receive buffer was full",
                    name, lane.missedPackets());
        }
        addDrops(name, lane.drops());
    }

    private void addDrops(String name, Map<DropReason, Long> drops) {
        for (DropReason reason : DropReason.values()) {
            long count = drops.getOrDefault(reason, 0L);
            if (count > 0) {
                line(
                        "%s drop %s %d packets: %s",
                        name, reason.label(), count, reason.description());
            }
        }
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}

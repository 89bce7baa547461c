package io.culvert.cli;

import io.culvert.control.KeepaliveCounts;
import io.culvert.control.LaneCounts;
import io.culvert.control.Summary;
import io.culvert.control.TunnelCounts;
import io.culvert.packet.DropReason;
import io.culvert.tunnel.PeerHealth;
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
 * tun0 keepalive-out 61 packets 60 answered 1 lost
 * tun0 keepalive-in 67 packets 7 answered for the peer
 * tun0 peer answers for 610.001 s, last 4.210 s ago, round trip 0.412 ms (0.301 to 2.044)
 * tun0 drop key-mismatch 5 packets: the packet's key is not the tunnel's
 * lane/0 in 130 packets
 * lane/0 missed 4 packets: a socket's receive buffer was full
 * lane/0 drop no-tunnel 2 packets: no tunnel has these outer addresses
 * </pre>
 *
 * <p>A device's name has no slash, so no tunnel is ever called like a lane. Lines of fragments,
 * ICMP, keepalives, drops and missed packets appear when there are any.
 */
final class SummaryText {
    private static final double NANOS_PER_MILLI = 1e6;

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
        addKeepalives(name, tunnel.keepalives());
        addDrops(name, tunnel.drops());
    }

    private void addKeepalives(String name, KeepaliveCounts keepalives) {
        PeerHealth peer = keepalives.peer();
        if (peer != null) {
            line(
                    "%s keepalive-out %d packets %d answered %d lost",
                    name, keepalives.sent(), peer.answered(), peer.lost());
        }
        if (keepalives.received() > 0) {
            line(
                    "%s keepalive-in %d packets %d answered for the peer",
                    name, keepalives.received(), keepalives.answersSent());
        }
        if (peer != null) {
            line("%s peer %s", name, words(peer));
        }
    }

    private static String words(PeerHealth peer) {
        String words =
                switch (peer.state()) {
                    case UNKNOWN -> "unknown";
                    case ANSWERING -> "answers";
                    case GONE -> "gone";
                };
        words += " for " + seconds(peer.stateNanos());
        if (peer.sinceAnswerNanos() >= 0) {
            words += ", last " + seconds(peer.sinceAnswerNanos()) + " ago";
        }
        if (peer.lastNanos() >= 0) {
            words +=
                    String.format(
                            Locale.ROOT,
                            ", round trip %.3f ms (%.3f to %.3f)",
                            peer.lastNanos() / NANOS_PER_MILLI,
                            peer.leastNanos() / NANOS_PER_MILLI,
                            peer.mostNanos() / NANOS_PER_MILLI);
        }
        return words;
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.3f s", nanos / NANOS_PER_MILLI / 1000);
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

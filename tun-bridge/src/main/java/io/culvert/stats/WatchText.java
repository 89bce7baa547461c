package io.culvert.stats;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Rates for people: a screen that is drawn again, or a line per tunnel for a file. */
public final class WatchText {
    /** The cursor to the upper left corner; each line clears what it does not cover. */
    private static final String HOME = "\u001b[H";

    private static final String CLEAR_TO_END_OF_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    private final Map<String, Sparkline> lines = new HashMap<>();
    private final boolean isUnicode;

    /**
     * @param isUnicode whether the terminal shows block elements
     */
    public WatchText(boolean isUnicode) {
        this.isUnicode = isUnicode;
    }

    /**
     * The whole screen, to be written over the last one.
     *
     * @param intervals of the processes, one after the other
     */
    public String screen(List<Interval> intervals) {
        StringBuilder text = new StringBuilder();
        boolean areSeveral = intervals.size() > 1;
        for (Interval interval : intervals) {
            String process = interval.now().process(areSeveral);
            for (TunnelInterval tunnel : interval.tunnels()) {
                add(text, process, interval, tunnel);
            }
            addLanes(text, areSeveral ? process + ": " : "", interval);
        }
        return HOME + text.toString().replace("\n", CLEAR_TO_END_OF_LINE + "\n") + CLEAR_BELOW;
    }

    private static void addLanes(StringBuilder text, String whose, Interval interval) {
        for (Sample.LaneSample lane : interval.now().lanes()) {
            if (lane.missed() > 0 || !lane.drops().isEmpty()) {
                text.append(whose).append("lane/").append(lane.lane()).append(": ");
                text.append(lane.missed()).append(" missed");
                lane.drops()
                        .forEach(
                                drop ->
                                        text.append(", ")
                                                .append(drop.reason())
                                                .append(' ')
                                                .append(drop.packets()));
                text.append('\n');
            }
        }
    }

    /**
     * A line for each tunnel, each with its line feed.
     *
     * @param intervals of the processes; where they are several, each line says whose it is
     */
    public static String lines(List<Interval> intervals) {
        StringBuilder text = new StringBuilder();
        boolean areSeveral = intervals.size() > 1;
        for (Interval interval : intervals) {
            String process = interval.now().process(areSeveral).replace(",", "");
            addLines(text, areSeveral ? process + " " : "", interval);
        }
        return text.toString();
    }

    private static void addLines(StringBuilder text, String whose, Interval interval) {
        for (TunnelInterval tunnel : interval.tunnels()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%.1f %s%s in %s %.0f packets/s out %s %.0f packets/s drops %.0f/s",
                            interval.now().uptimeSeconds(),
                            whose,
                            tunnel.now().name(),
                            Units.bits(tunnel.receivedBits()),
                            tunnel.receivedPackets(),
                            Units.bits(tunnel.sentBits()),
                            tunnel.sentPackets(),
                            tunnel.lost()));
            addPercentiles(text, " in", tunnel.latencyReceived());
            addPercentiles(text, " out", tunnel.latencySent());
            text.append('\n');
        }
    }

    private static void addPercentiles(StringBuilder text, String title, Latency latency) {
        if (!latency.isEmpty()) {
            long[] nanos = latency.nanos();
            text.append(title)
                    .append(" p50 ")
                    .append(Units.nanos(nanos[0]))
                    .append(" p99 ")
                    .append(Units.nanos(nanos[2]));
        }
    }

    private void add(StringBuilder text, String process, Interval interval, TunnelInterval tunnel) {
        TunnelSample now = tunnel.now();
        text.append(now.up()).append('\n');
        text.append(
                String.format(
                        Locale.ROOT,
                        "    %s, up %s, path mtu %s, last %.1f s%n",
                        process,
                        Units.uptime(interval.now().uptimeSeconds()),
                        now.pathMtu(),
                        tunnel.seconds()));
        StatsText.addWay(text, now);
        String key = interval.now().pid() + " " + now.name();
        add(text, key + " RX", "RX", tunnel.receivedBits(), tunnel.receivedPackets());
        add(text, key + " TX", "TX", tunnel.sentBits(), tunnel.sentPackets());
        for (Drop drop : now.drops()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "    drop %-18s %8d  +%-6d %s%n",
                            drop.reason(),
                            drop.packets(),
                            drop.since(tunnel.before().drops()),
                            drop.description()));
        }
        StatsText.addLatencies(
                text, tunnel.latencySent(), tunnel.latencyReceived(), now.roundTrip());
    }

    private void add(StringBuilder text, String key, String title, double bits, double packets) {
        Sparkline line = lines.computeIfAbsent(key, name -> new Sparkline(isUnicode));
        line.add(bits);
        text.append(
                String.format(
                        Locale.ROOT,
                        "    %s  %10s  %9.0f packets/s  %s%n",
                        title,
                        Units.bits(bits),
                        packets,
                        line));
    }
}

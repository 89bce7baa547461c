package io.culvert.stats;

import java.util.ArrayList;
import java.util.List;

/**
 * Two samples of the same process.
 *
 * @param seconds between the two, by that process's own clock
 */
public record Interval(Sample before, Sample now, double seconds) {

    /** What came between the two. */
    public static Interval between(Sample before, Sample now) {
        return new Interval(before, now, now.uptimeSeconds() - before.uptimeSeconds());
    }

    /** The tunnels that are in both. */
    List<TunnelInterval> tunnels() {
        List<TunnelInterval> intervals = new ArrayList<>();
        for (TunnelSample tunnel : now.tunnels()) {
            for (TunnelSample earlier : before.tunnels()) {
                if (earlier.name().equals(tunnel.name())) {
                    intervals.add(new TunnelInterval(earlier, tunnel, seconds));
                }
            }
        }
        return intervals;
    }
}

package io.culvert.control;

import java.time.Duration;
import java.util.List;

/**
 * What all tunnels did since they came up.
 *
 * @param uptime since they came up; no longer grows once they are closed
 * @param tunnels in the order they were given
 * @param lanes what belongs to no tunnel, by lane
 */
public record Summary(Duration uptime, List<TunnelCounts> tunnels, List<LaneCounts> lanes) {

    /** Copies the lists. */
    public Summary {
        tunnels = List.copyOf(tunnels);
        lanes = List.copyOf(lanes);
    }
}

package io.culvert.control;

import io.culvert.netlink.RouteMtus;
import java.util.Locale;

/**
 * How a tunnel is at a moment.
 *
 * @param device how its device is
 * @param waitingFor what keeps its packets from leaving, for a person; empty when nothing does
 * @param way by which way its outer packets leave; {@code null} when it is always the host's IP
 * @param mtus what limits its outer packets, by source; {@code null} when it is not known
 */
record TunnelState(Device device, String waitingFor, ChosenWay way, RouteMtus mtus) {

    /** How a tunnel's device is. */
    enum Device {
        UP("up"),
        DOWN("down"),
        /** Moved there, where its state cannot be seen. */
        ELSEWHERE("in another network namespace"),
        /** Deleted, which ends the tunnel. */
        GONE("gone, its device was deleted");

        private final String words;

        Device(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }

        /** For a program. */
        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}

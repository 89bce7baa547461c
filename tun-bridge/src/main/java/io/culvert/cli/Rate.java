package io.culvert.cli;

import io.culvert.survey.SeenTunnel;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * How fast packets of a tunnel come.
 *
 * @param packets a second; NaN when it cannot be said
 * @param bits of outer packets a second; NaN when it cannot be said
 */
record Rate(double packets, double bits) {
    private static final Rate UNKNOWN = new Rate(Double.NaN, Double.NaN);
    private static final String PREFIXES = " kMGTPE";

    /** From the first packet to the last. */
    static Rate average(SeenTunnel tunnel) {
        double seconds = (tunnel.lastNanos() - tunnel.firstNanos()) / 1e9;
        return tunnel.packets() < 2 || seconds <= 0
                ? UNKNOWN
                : new Rate((tunnel.packets() - 1) / seconds, tunnel.bytes() * 8 / seconds);
    }

    /** From one look at a tunnel to the next. */
    static final class BetweenLooks implements Function<SeenTunnel, Rate> {
        private record Look(long packets, long bytes) {}

        private final Map<SeenTunnel, Look> last = new HashMap<>();
        private long lastNanos;
        private double seconds;

        /** Before the tunnels are looked at. */
        void look(long nowNanos) {
            seconds = (nowNanos - lastNanos) / 1e9;
            lastNanos = nowNanos;
        }

        @Override
        public Rate apply(SeenTunnel tunnel) {
            Look now = new Look(tunnel.packets(), tunnel.bytes());
            Look before = last.put(tunnel, now);
            return before == null
                    ? UNKNOWN
                    : new Rate(
                            (now.packets - before.packets) / seconds,
                            (now.bytes - before.bytes) * 8 / seconds);
        }
    }

    /** Three digits and a prefix: {@code 12.3k}. */
    static String text(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        double scaled = value;
        int prefix = 0;
        while (scaled >= 999.5 && prefix < PREFIXES.length() - 1) {
            scaled /= 1000;
            prefix++;
        }
        String number =
                scaled >= 99.95
                        ? String.format(Locale.ROOT, "%.0f", scaled)
                        : String.format(Locale.ROOT, "%.1f", scaled);
        return prefix == 0 ? number : number + PREFIXES.charAt(prefix);
    }
}

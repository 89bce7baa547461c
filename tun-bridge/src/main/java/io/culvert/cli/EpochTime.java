package io.culvert.cli;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Nanoseconds since 1970 as text, in UTC. */
final class EpochTime {
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    private EpochTime() {}

    /** {@code 22:13:20.123456}. */
    static String ofDay(long epochNanos) {
        return TIME.format(instant(epochNanos));
    }

    /** {@code 2023-11-14T22:13:20.123456789Z}. */
    static String full(long epochNanos) {
        return instant(epochNanos).toString();
    }

    private static Instant instant(long epochNanos) {
        return Instant.ofEpochSecond(
                Math.floorDiv(epochNanos, NANOS_PER_SECOND),
                Math.floorMod(epochNanos, NANOS_PER_SECOND));
    }
}

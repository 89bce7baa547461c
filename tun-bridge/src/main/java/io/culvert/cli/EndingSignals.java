package io.culvert.cli;

import java.util.Map;

/**
 * The signals that ask a command to end, and how often they did.
 *
 * <p>One wish may come as two signals: timeout(1) sends its own to the process and then to the
 * process's group. So a second signal is impatience, which finds the command stuck, only some time
 * after the first. Thread-safe.
 */
final class EndingSignals {
    /** By their names without SIG. */
    static final Map<String, Integer> NUMBERS = Map.of("HUP", 1, "INT", 2, "TERM", 15); // signal(7)

    private static final long ONE_WISH_NANOS = 500_000_000;

    /** What a signal means. */
    enum Meaning {
        END,
        SAID_ALREADY,
        END_AT_ONCE
    }

    private boolean isEnding;
    private long firstNanos;

    /** Takes the next signal, which came at a time of {@link System#nanoTime}. */
    synchronized Meaning next(long nowNanos) {
        if (!isEnding) {
            isEnding = true;
            firstNanos = nowNanos;
            return Meaning.END;
        }
        return nowNanos - firstNanos < ONE_WISH_NANOS ? Meaning.SAID_ALREADY : Meaning.END_AT_ONCE;
    }
}

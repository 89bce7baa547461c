package io.culvert.tunnel;

/**
 * Lets so many events pass each second, and as many at once after a second of quiet. Confined to
 * one thread.
 */
public final class RateLimit {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final long intervalNanos;
    private boolean hasBegun;
    private long nextNanos;

    /**
     * @param perSecond 1 or more
     */
    public RateLimit(int perSecond) {
        intervalNanos = SECOND_NANOS / perSecond;
    }

    // Problem: a bucket of tokens needs a clock that refills it, or arithmetic with fractions.
    // Instead, one time is kept: that at which the next event would be due if they came evenly
    // (the generic cell rate algorithm). An event may be early by up to a second.
    /** Whether an event may pass now. */
    public boolean allows(long nowNanos) {
        if (!hasBegun || nextNanos - nowNanos < 0) {
            hasBegun = true;
            nextNanos = nowNanos;
        }
        if (nextNanos - nowNanos > SECOND_NANOS - intervalNanos) {
            return false;
        }
        nextNanos += intervalNanos;
        return true;
    }
}

package io.culvert.spec;

/**
 * How a tunnel asks whether its peer is there, in the ranges that routers have for it. Immutable.
 *
 * @param periodMillis between two keepalives, 100 to 32,767,000
 * @param retries how many go unanswered, one after the other, before the peer counts as gone; 1 to
 *     255
 * @param carrierFollows whether the tunnel's device has no carrier while the peer is gone
 */
public record KeepaliveSpec(int periodMillis, int retries, boolean carrierFollows) {
    /** How many may go unanswered when nobody says. */
    public static final int DEFAULT_RETRIES = 3;

    /** Below this, a keepalive would be load. */
    public static final int LEAST_PERIOD_MILLIS = 100;

    public static final int MOST_PERIOD_MILLIS = 32_767_000;

    public static final int MOST_RETRIES = 255;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public KeepaliveSpec {
        if (periodMillis < LEAST_PERIOD_MILLIS || periodMillis > MOST_PERIOD_MILLIS) {
            throw new IllegalArgumentException(
                    "keepalive " + periodMillis / 1000.0 + " is not 0.1 to 32767 seconds");
        }
        if (retries < 1 || retries > MOST_RETRIES) {
            throw new IllegalArgumentException(
                    "keepalive retries " + retries + " are not 1 to " + MOST_RETRIES);
        }
    }

    /** The period in nanoseconds. */
    public long periodNanos() {
        return periodMillis * 1_000_000L;
    }

    /** As the words of a tunnel have it, for example {@code 10:3} or {@code 0.5:3}. */
    @Override
    public String toString() {
        boolean isWhole = periodMillis % 1000 == 0;
        return (isWhole ? "" + periodMillis / 1000 : "" + periodMillis / 1000.0) + ":" + retries;
    }
}

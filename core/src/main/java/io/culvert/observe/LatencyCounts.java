package io.culvert.observe;

/**
 * How many packets took how long: counts of a {@link LatencyRecorder} at one moment, or the sum or
 * difference of such. Immutable.
 */
public final class LatencyCounts {
    /** Nothing was counted. */
    public static final LatencyCounts NONE = new LatencyCounts(new long[LatencyRecorder.BUCKETS]);

    private final long[] counts;

    LatencyCounts(long[] counts) {
        this.counts = counts;
    }

    /** Takes a count. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One bucket that is not empty.
         *
         * @param leastNanos the shortest duration it stands for; the longest is less than one
         *     percent longer
         * @param packets how many, 1 or more
         */
        void bucket(long leastNanos, long packets);
    }

    /** Both together, such as two lanes. */
    public LatencyCounts plus(LatencyCounts other) {
        return combined(other, 1);
    }

    /** What came since; {@code earlier} is an earlier reading of the same. */
    public LatencyCounts minus(LatencyCounts earlier) {
        return combined(earlier, -1);
    }

    /** All packets. */
    public long packets() {
        long packets = 0;
        for (long count : counts) {
            packets += count;
        }
        return packets;
    }

    /** Shows the buckets that are not empty, from the shortest duration to the longest. */
    public void forEach(Visitor visitor) {
        for (int bucket = 0; bucket < counts.length; bucket++) {
            if (counts[bucket] > 0) {
                visitor.bucket(LatencyRecorder.leastNanos(bucket), counts[bucket]);
            }
        }
    }

    private LatencyCounts combined(LatencyCounts other, int sign) {
        long[] combined = counts.clone();
        for (int bucket = 0; bucket < combined.length; bucket++) {
            combined[bucket] += sign * other.counts[bucket];
        }
        return new LatencyCounts(combined);
    }
}

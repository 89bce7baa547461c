package io.culvert.observe;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How long packets stayed in one lane: counts by duration, from 1 ns to {@link #MOST_NANOS}, with
 * less than one percent of error.
 *
 * <p>One writer, the lane's thread; any number of readers, at any time, who never stop it.
 */
public final class LatencyRecorder {
    // Problem: HdrHistogram's recorders hand each interval to one reader and take two locked
    // instructions per value; here several clients watch at their own pace, and the writer is a
    // lane. So the counts only grow, in plain longs with opaque stores as in Counters, and whoever
    // wants an interval subtracts what it saw before. HdrHistogram computes with them afterwards.
    // Layout: that of HdrHistogram's counts for two digits (http://hdrhistogram.org). Values below
    // 256 have a bucket each; each further power of two has 128. A row of 128 buckets comes into
    // being with its first count: a tunnel's packets fall into a few powers of two, and all rows
    // of both directions would be 60 KiB, 600 MB for 10,000 tunnels.
    // Cost: two shifts, an addition and a store per batch; 1 KiB for each row in use.
    private static final int EXACT = 256;
    private static final int PER_POWER_BITS = 7;
    private static final int PER_POWER = 1 << PER_POWER_BITS;
    private static final int MOST_POWER = 36;

    /** Whatever takes longer is counted as this: a little more than a minute. */
    public static final long MOST_NANOS = (1L << MOST_POWER) - 1;

    static final int BUCKETS = EXACT + (MOST_POWER - 8) * PER_POWER;

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private static final VarHandle ROWS = MethodHandles.arrayElementVarHandle(long[][].class);

    private final long[][] rows = new long[BUCKETS / PER_POWER][];

    /**
     * Counts packets that took equally long. Lane thread.
     *
     * @param nanos how long; less than nothing, which clocks of several processors may claim, is
     *     nothing
     * @param packets how many
     */
    public void record(long nanos, long packets) {
        int bucket = bucket(Math.max(0, Math.min(nanos, MOST_NANOS)));
        long[] row = rows[bucket >> PER_POWER_BITS];
        if (row == null) {
            row = new long[PER_POWER];
            ROWS.setRelease(rows, bucket >> PER_POWER_BITS, row);
        }
        int index = bucket & PER_POWER - 1;
        LONGS.setOpaque(row, index, row[index] + packets);
    }

    /** The counts so far; any thread. */
    public LatencyCounts counts() {
        long[] copy = new long[BUCKETS];
        for (int bucket = 0; bucket < BUCKETS; bucket += PER_POWER) {
            long[] row = (long[]) ROWS.getAcquire(rows, bucket >> PER_POWER_BITS);
            for (int i = 0; row != null && i < PER_POWER; i++) {
                copy[bucket + i] = (long) LONGS.getOpaque(row, i);
            }
        }
        return new LatencyCounts(copy);
    }

    /** The bucket of a duration of 0 to {@link #MOST_NANOS}. */
    static int bucket(long nanos) {
        int shift = Math.max(0, Long.SIZE - 1 - PER_POWER_BITS - Long.numberOfLeadingZeros(nanos));
        return (shift << PER_POWER_BITS) + (int) (nanos >>> shift);
    }

    /** The shortest duration that the bucket counts. */
    static long leastNanos(int bucket) {
        int shift = Math.max(0, (bucket >> PER_POWER_BITS) - 1);
        return (long) (bucket - (shift << PER_POWER_BITS)) << shift;
    }
}

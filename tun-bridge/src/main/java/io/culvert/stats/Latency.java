package io.culvert.stats;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * How long packets took, by percentile.
 *
 * @param histogram in nanoseconds, two digits; not to be changed
 */
record Latency(Histogram histogram) {
    /** The percentiles that are shown; above the last is the longest. */
    static final List<Double> PERCENTILES = List.of(50.0, 90.0, 99.0, 99.9);

    private static final int DIGITS = 2;
    private static final long MOST_NANOS = (1L << 36) - 1;

    /**
     * What an answer holds.
     *
     * @param buckets nanoseconds and packets, in turns
     */
    static Latency of(List<Long> buckets) {
        Histogram histogram = new Histogram(1, MOST_NANOS, DIGITS);
        for (int i = 0; i + 1 < buckets.size(); i += 2) {
            long nanos = Math.max(0, Math.min(buckets.get(i), MOST_NANOS));
            histogram.recordValueWithCount(nanos, Math.max(0, buckets.get(i + 1)));
        }
        return new Latency(histogram);
    }

    /** What came since an earlier one of the same. */
    Latency since(Latency earlier) {
        Histogram interval = histogram.copy();
        interval.subtract(earlier.histogram);
        return new Latency(interval);
    }

    boolean isEmpty() {
        return histogram.getTotalCount() == 0;
    }

    /** Nanoseconds at the percentiles, then the longest. */
    long[] nanos() {
        long[] nanos = new long[PERCENTILES.size() + 1];
        for (int i = 0; i < PERCENTILES.size(); i++) {
            nanos[i] = histogram.getValueAtPercentile(PERCENTILES.get(i));
        }
        nanos[PERCENTILES.size()] = histogram.getMaxValue();
        return nanos;
    }

    /** As an object of a report; null when there is nothing to report. */
    Map<String, Object> report() {
        if (isEmpty()) {
            return null;
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("packets", histogram.getTotalCount());
        long[] nanos = nanos();
        for (int i = 0; i < PERCENTILES.size(); i++) {
            object.put("p" + Units.plain(PERCENTILES.get(i)) + "-nanos", nanos[i]);
        }
        object.put("max-nanos", nanos[PERCENTILES.size()]);
        return object;
    }
}

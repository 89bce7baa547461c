package io.culvert.endtoend.report;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** A histogram as the points of a curve: percentiles on a scale where each nine is as wide. */
final class PercentileCurve {
    private static final double STEP_NINES = 0.02;

    private PercentileCurve() {}

    /**
     * A point.
     *
     * @param nines 0 for p0, 1 for p90, 2 for p99, 3 for p99.9
     * @param value in the histogram's unit
     */
    record Point(double nines, long value) {}

    /**
     * The points up to where a single value would decide: of a thousand values, p99.9 is the last
     * percentile that says something.
     */
    static List<Point> of(Histogram histogram) {
        List<Point> points = new ArrayList<>();
        double last = mostNines(histogram);
        for (int i = 0; i * STEP_NINES < last; i++) {
            points.add(point(histogram, i * STEP_NINES));
        }
        points.add(point(histogram, last));
        return points;
    }

    /** How far the curve goes. */
    static double mostNines(Histogram histogram) {
        return Math.log10(Math.max(10, histogram.getTotalCount()));
    }

    private static Point point(Histogram histogram, double nines) {
        double percentile = 100 * (1 - Math.pow(10, -nines));
        return new Point(nines, histogram.getValueAtPercentile(percentile));
    }
}

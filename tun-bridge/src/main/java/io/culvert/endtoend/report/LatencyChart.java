package io.culvert.endtoend.report;

import io.culvert.endtoend.Measured;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * Round trips by percentile, one curve a contender. Both axes are logarithmic: each nine of the
 * percentile is as wide as the one before, and each factor of ten in time as high.
 */
final class LatencyChart {
    private static final int WIDTH = 1080;
    private static final int HEIGHT = 430;
    private static final int LEFT = 58;
    private static final int RIGHT = 224;
    private static final int TOP = 12;
    private static final int BOTTOM = 34;
    private static final int LABEL_HEIGHT = 15;
    private static final int COLOURS = 10;
    private static final double[] TICK_NINES = {0, 0.30103, 1, 2, 3, 4, 5, 6};
    private static final String[] TICK_LABELS = {
        "0%", "50%", "90%", "99%", "99.9%", "99.99%", "99.999%", "99.9999%"
    };

    private final List<Curve> curves = new ArrayList<>();
    private double mostNines = 1;
    private double leastMicros = Double.MAX_VALUE;
    private double mostMicros = 1;

    private record Curve(Measured contender, int index, List<PercentileCurve.Point> points) {
        /**
         * Classes for the style sheet: whose it is, its colour, and dashes when colours run out.
         */
        String style() {
            return (BarChart.isOurs(contender) ? "ours" : "other")
                    + " c"
                    + index % COLOURS
                    + (index < COLOURS ? "" : " dashed");
        }
    }

    private LatencyChart(Results results) {
        for (Measured contender : results.present()) {
            Histogram histogram = contender.roundTrips();
            if (histogram == null) {
                continue;
            }
            List<PercentileCurve.Point> points = PercentileCurve.of(histogram);
            curves.add(new Curve(contender, curves.size(), points));
            mostNines = Math.max(mostNines, PercentileCurve.mostNines(histogram));
            leastMicros = Math.min(leastMicros, Math.max(0.1, points.get(0).value() / 1e3));
            mostMicros = Math.max(mostMicros, points.get(points.size() - 1).value() / 1e3);
        }
        leastMicros = Math.min(leastMicros, mostMicros / 10) * 0.9;
        mostMicros *= 1.1;
    }

    /** The chart as a figure; empty when there are no round trips. */
    static String of(Results results) {
        LatencyChart chart = new LatencyChart(results);
        return chart.curves.isEmpty() ? "" : chart.figure(results);
    }

    private String figure(Results results) {
        Markup svg = new Markup();
        svg.add(
                "<figure class=\"wide\"><figcaption>Round trip by percentile"
                        + " <span>\u00b5s, all rounds together, open loop at %,d probes a second,"
                        + " less is better</span></figcaption>",
                results.plan().probesPerSecond());
        svg.add(
                "<svg class=\"curves\" viewBox=\"0 0 %d %d\" role=\"img\""
                        + " aria-label=\"Round trip by percentile\">",
                WIDTH, HEIGHT);
        addPercentiles(svg);
        addTimes(svg);
        for (Curve curve : curves) {
            addCurve(svg, curve);
        }
        addLabels(svg);
        return svg.add("</svg></figure>").toString();
    }

    private void addPercentiles(Markup svg) {
        for (int i = 0; i < TICK_NINES.length && TICK_NINES[i] <= mostNines; i++) {
            double x = x(TICK_NINES[i]);
            svg.add(
                    "<line class=\"grid\" x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\"/>",
                    x, TOP, HEIGHT - BOTTOM);
            svg.add(
                    "<text class=\"tick\" text-anchor=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>",
                    x, HEIGHT - BOTTOM + 20, TICK_LABELS[i]);
        }
    }

    private void addTimes(Markup svg) {
        boolean isTall = mostMicros / leastMicros > 2_000;
        for (double decade = 0.1; decade <= mostMicros; decade *= 10) {
            for (int step : isTall ? new int[] {1} : new int[] {1, 2, 5}) {
                double micros = decade * step;
                if (micros < leastMicros || micros > mostMicros) {
                    continue;
                }
                svg.add(
                        "<line class=\"grid\" x1=\"%1$d\" x2=\"%2$d\" y1=\"%3$.1f\""
                                + " y2=\"%3$.1f\"/>",
                        LEFT, WIDTH - RIGHT, y(micros));
                svg.add(
                        "<text class=\"tick\" text-anchor=\"end\" x=\"%d\" y=\"%.1f\">%s</text>",
                        LEFT - 8, y(micros) + 4, tick(micros));
            }
        }
    }

    private void addCurve(Markup svg, Curve curve) {
        StringBuilder path = new StringBuilder();
        for (PercentileCurve.Point point : curve.points()) {
            path.append(path.isEmpty() ? 'M' : 'L')
                    .append(
                            String.format(
                                    Locale.ROOT,
                                    "%.1f %.1f",
                                    x(point.nines()),
                                    y(point.value() / 1e3)));
        }
        svg.add("<path class=\"curve %s\" d=\"%s\"/>", curve.style(), path);
    }

    /** Names beside the ends of the curves, moved apart where these lie close together. */
    private void addLabels(Markup svg) {
        List<Curve> fromTheTop = new ArrayList<>(curves);
        fromTheTop.sort(Comparator.comparingDouble(this::endY));
        double[] at = new double[fromTheTop.size()];
        double free = TOP;
        for (int i = 0; i < at.length; i++) {
            at[i] = Math.max(endY(fromTheTop.get(i)), free);
            free = at[i] + LABEL_HEIGHT;
        }
        double bottom = HEIGHT - BOTTOM;
        for (int i = at.length - 1; i >= 0; i--) {
            at[i] = Math.min(at[i], bottom);
            bottom = at[i] - LABEL_HEIGHT;
        }
        for (int i = 0; i < at.length; i++) {
            Curve curve = fromTheTop.get(i);
            int x = WIDTH - RIGHT;
            svg.add(
                    "<path class=\"leader %s\" d=\"M%.1f %.1fL%d %.1f\"/>",
                    curve.style(), endX(curve), endY(curve), x + 14, at[i]);
            svg.add(
                    "<text class=\"name %s\" x=\"%d\" y=\"%.1f\">%s</text>",
                    curve.style(), x + 18, at[i] + 4, Markup.escape(curve.contender().name()));
        }
    }

    private static String tick(double micros) {
        return micros < 1
                ? String.format(Locale.ROOT, "%.1f", micros)
                : micros < 1_000
                        ? String.format(Locale.ROOT, "%.0f \u00b5s", micros)
                        : String.format(Locale.ROOT, "%.0f ms", micros / 1_000);
    }

    private double endX(Curve curve) {
        return x(curve.points().get(curve.points().size() - 1).nines());
    }

    private double endY(Curve curve) {
        return y(curve.points().get(curve.points().size() - 1).value() / 1e3);
    }

    private double x(double nines) {
        return LEFT + (WIDTH - LEFT - RIGHT) * nines / mostNines;
    }

    private double y(double micros) {
        double share =
                Math.log(Math.max(micros, leastMicros) / leastMicros)
                        / Math.log(mostMicros / leastMicros);
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share;
    }
}

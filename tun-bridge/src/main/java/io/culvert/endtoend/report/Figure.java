package io.culvert.endtoend.report;

import io.culvert.endtoend.Metric;
import io.culvert.endtoend.Spread;
import java.util.Locale;

/** Numbers as people read them. */
final class Figure {
    private Figure() {}

    /** A value with the digits of its metric. */
    static String of(Metric metric, double value) {
        return String.format(Locale.ROOT, "%." + metric.decimals() + "f", value);
    }

    /** The median, with the {@link #range} in brackets where there is one. */
    static String of(Metric metric, Spread spread) {
        String range = range(metric, spread, "-");
        return of(metric, spread.median()) + (range.isEmpty() ? "" : " (" + range + ")");
    }

    /** The least and the most; empty where they are the same. */
    static String range(Metric metric, Spread spread, String dash) {
        String least = of(metric, spread.least());
        String most = of(metric, spread.most());
        return least.equals(most) ? "" : least + dash + most;
    }

    /** A multiple, with about three digits. */
    static String ratio(double ratio) {
        String format = ratio >= 100 ? "%.0f" : ratio >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, ratio);
    }
}

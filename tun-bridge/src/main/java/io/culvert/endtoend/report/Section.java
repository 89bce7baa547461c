package io.culvert.endtoend.report;

import io.culvert.endtoend.Measured;
import io.culvert.endtoend.Metric;
import java.util.List;
import java.util.Locale;

/**
 * Metrics that stand in one table.
 *
 * @param title what the table is about
 * @param metrics its columns
 * @param compares whether ratios to the baseline say something
 */
record Section(String title, List<Metric> metrics, boolean compares) {

    /** The tables of a report. */
    static List<Section> of(Results results) {
        String rate = String.format(Locale.ROOT, "%,d", results.plan().probesPerSecond());
        return List.of(
                new Section(
                        "Throughput",
                        List.of(
                                Metric.TCP_ONE_STREAM,
                                Metric.TCP_FOUR_STREAMS,
                                Metric.UDP_WITHOUT_LOSS),
                        true),
                new Section(
                        "Round trip of a UDP probe, us, open loop at " + rate + " a second",
                        List.of(
                                Metric.ROUND_TRIP_P50,
                                Metric.ROUND_TRIP_P90,
                                Metric.ROUND_TRIP_P99,
                                Metric.ROUND_TRIP_P999,
                                Metric.ROUND_TRIP_MAX),
                        false),
                new Section(
                        "Losses",
                        List.of(Metric.PROBES_LOST, Metric.RETRANSMISSIONS, Metric.UDP_MOST),
                        false),
                new Section(
                        "Cost",
                        List.of(
                                Metric.CPU_PER_GIGABYTE,
                                Metric.MACHINE_CPU_PER_GIGABYTE,
                                Metric.MEMORY),
                        true),
                new Section(
                        "Java",
                        List.of(Metric.ALLOCATION, Metric.GC_PAUSES, Metric.GC_LONGEST_PAUSE),
                        false));
    }

    /** A column's head: what it is, and in which unit. */
    static String head(Metric metric) {
        boolean isClear = metric.unit().isEmpty() || metric.key().startsWith("rtt-");
        return isClear ? metric.label() : metric.label() + ", " + metric.unit();
    }

    /** Whether a column has ratios beside it: only where the baseline has the metric. */
    boolean hasRatios(Metric metric, Results results) {
        Measured baseline = results.baseline();
        return compares && baseline != null && baseline.spread(metric) != null;
    }

    /** Whether any of the contenders has any of the metrics. */
    boolean isWorthShowing(Results results) {
        return results.present().stream()
                .anyMatch(
                        contender ->
                                metrics.stream()
                                        .anyMatch(metric -> contender.spread(metric) != null));
    }
}

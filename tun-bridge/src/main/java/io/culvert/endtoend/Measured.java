package io.culvert.endtoend;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/**
 * All that was measured of one contender, round by round. Written by one thread, then read.
 *
 * <p>Every value that came about is kept, and every failure; nobody picks the best.
 */
public final class Measured {
    private final String name;
    private final String description;
    private final Map<Metric, List<Double>> values = new EnumMap<>(Metric.class);
    private final List<Failure> failures = new ArrayList<>();
    private Histogram roundTrips;
    private String absence;

    /**
     * @param name the contender's
     * @param description the contender's
     */
    public Measured(String name, String description) {
        this.name = name;
        this.description = description;
    }

    public String name() {
        return name;
    }

    public String description() {
        return description;
    }

    /** Why this machine does not have it, or null. */
    public String absence() {
        return absence;
    }

    public void absence(String why) {
        absence = why;
    }

    public void add(Metric metric, double value) {
        values.computeIfAbsent(metric, key -> new ArrayList<>()).add(value);
    }

    /** Whether anything was measured. */
    public boolean hasValues() {
        return !values.isEmpty();
    }

    /** Adds the round trips of a round to those before it, in nanoseconds. */
    public void addRoundTrips(Histogram nanos) {
        if (roundTrips == null) {
            roundTrips = nanos.copy();
        } else {
            roundTrips.add(nanos);
        }
    }

    /** Notes that something did not work, in one line. */
    public void addFailure(int round, String what) {
        failures.add(new Failure(round, what));
    }

    public List<Failure> failures() {
        return failures;
    }

    /** The round trips of all rounds together, in nanoseconds; null when there were none. */
    public Histogram roundTrips() {
        return roundTrips;
    }

    /** A metric's values in the order of the rounds; of failed rounds there are none. */
    public List<Double> values(Metric metric) {
        return values.getOrDefault(metric, List.of());
    }

    /** The spread of a metric's values; null when there are none. */
    public Spread spread(Metric metric) {
        return values(metric).isEmpty() ? null : Spread.of(values(metric));
    }

    /** Its median as a multiple of the baseline's, when both are there. */
    public OptionalDouble ratio(Metric metric, Measured baseline) {
        Spread ours = spread(metric);
        Spread theirs = baseline == null ? null : baseline.spread(metric);
        return ours == null || theirs == null || theirs.median() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(ours.median() / theirs.median());
    }
}

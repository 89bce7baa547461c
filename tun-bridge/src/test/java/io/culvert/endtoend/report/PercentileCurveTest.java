package io.culvert.endtoend.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.culvert.endtoend.report.PercentileCurve.Point;
import java.util.Comparator;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class PercentileCurveTest {
    private final List<Point> points = PercentileCurve.of(Runs.evenly(1, 1_000));

    @Test
    void itBeginsAtTheLeastAndEndsWhereTheCountDoes() {
        assertThat(points.get(0).nines()).isZero();
        assertThat(points.get(0).value()).isCloseTo(1_000, within(10L));
        assertThat(points.get(points.size() - 1).nines()).isCloseTo(3, within(1e-9));
        assertThat(points.get(points.size() - 1).value()).isCloseTo(999_000, within(2_000L));
    }

    @Test
    void itOnlyRises() {
        assertThat(points).isSortedAccordingTo(Comparator.comparingDouble(Point::nines));
        assertThat(points).isSortedAccordingTo(Comparator.comparingLong(Point::value));
    }

    @Test
    void eachNineIsAsWideAsTheOneBefore() {
        assertThat(valueAt(1)).isCloseTo(900_000, within(2_000L));
        assertThat(valueAt(2)).isCloseTo(990_000, within(2_000L));
    }

    @Test
    void oneValueIsACurveToo() {
        Histogram one = new Histogram(1_000_000, 3);
        one.recordValue(500);

        assertThat(PercentileCurve.of(one)).isNotEmpty().allMatch(point -> point.value() == 500);
    }

    private long valueAt(double nines) {
        return points.stream()
                .min(Comparator.comparingDouble(point -> Math.abs(point.nines() - nines)))
                .orElseThrow()
                .value();
    }
}

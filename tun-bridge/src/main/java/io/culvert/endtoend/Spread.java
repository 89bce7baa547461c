package io.culvert.endtoend;

import java.util.List;

/**
 * What a few values come to.
 *
 * @param count how many there are, 1 or more
 * @param median the middle one, or the mean of the two in the middle
 */
public record Spread(int count, double least, double median, double most) {

    /** The spread of values in any order. */
    public static Spread of(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured, so there is no median");
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        double median =
                sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(sorted.length, sorted[0], median, sorted[sorted.length - 1]);
    }
}

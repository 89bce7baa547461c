package io.culvert.doctor.peer;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What became of numbered things on their way.
 *
 * @param missing numbers between the first and the last that never came
 * @param repeated how often a number came again
 * @param late how often a number came behind a larger one
 */
record SequenceTally(long missing, long repeated, long late) {

    /** Counts numbers in the order in which they came; wrapped ones are not told apart. */
    static SequenceTally of(List<Long> numbers) {
        Set<Long> seen = new HashSet<>();
        long repeated = 0;
        long late = 0;
        long largest = Long.MIN_VALUE;
        long least = Long.MAX_VALUE;
        for (long number : numbers) {
            if (!seen.add(number)) {
                repeated++;
                continue;
            }
            late += number < largest ? 1 : 0;
            largest = Math.max(largest, number);
            least = Math.min(least, number);
        }
        long missing = seen.isEmpty() ? 0 : largest - least + 1 - seen.size();
        return new SequenceTally(missing, repeated, late);
    }
}

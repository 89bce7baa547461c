package io.culvert.bench;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * One line of a result.
 *
 * @param variant the benchmark method
 * @param parameters {@code bytes=64}, {@code tunnel=gre}, in their order
 * @param standing what the variant is
 * @param nanos mean nanoseconds per operation
 * @param errorNanos half the 99.9 % confidence interval of the mean; NaN where there are too few
 *     samples
 * @param bytes bytes allocated per operation, over all threads; 0 when not more than JMH's own
 */
record Measurement(
        String variant,
        List<String> parameters,
        Standing standing,
        double nanos,
        double errorNanos,
        double bytes) {

    /** JMH allocates up to half of this in an iteration, however many operations it has. */
    private static final double BYTES_OF_JMH = 32 * 1024;

    private static final String BYTES = "gc.alloc.rate.norm";

    /** What a variant is in the answer to its question. */
    enum Standing {
        OURS(""),
        BASELINE("baseline"),
        FLOOR("floor");

        private final String word;

        Standing(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }

        static Standing of(Method benchmark) {
            if (benchmark.isAnnotationPresent(Floor.class)) {
                return FLOOR;
            }
            return benchmark.isAnnotationPresent(Baseline.class) ? BASELINE : OURS;
        }
    }

    static Measurement of(RunResult result) {
        BenchmarkParams params = result.getParams();
        String benchmark = params.getBenchmark();
        int dot = benchmark.lastIndexOf('.');
        String variant = benchmark.substring(dot + 1);
        List<String> parameters = new ArrayList<>();
        for (String key : params.getParamsKeys()) {
            parameters.add(key + "=" + params.getParam(key));
        }
        Result<?> time = result.getPrimaryResult();
        return new Measurement(
                variant,
                parameters,
                standing(benchmark.substring(0, dot), variant),
                time.getScore(),
                time.getScoreError(),
                leastBytesOfAnIteration(result) < BYTES_OF_JMH
                        ? 0
                        : result.getSecondaryResults().get(BYTES).getScore());
    }

    /** Whether this makes garbage where none may be. */
    boolean breaksThePromise() {
        return standing == Standing.OURS && bytes > 0;
    }

    private static double leastBytesOfAnIteration(RunResult result) {
        return result.getBenchmarkResults().stream()
                .flatMap(fork -> fork.getIterationResults().stream())
                .mapToDouble(
                        iteration ->
                                iteration.getSecondaryResults().get(BYTES).getScore()
                                        * iteration.getMetadata().getAllOps())
                .min()
                .orElseThrow();
    }

    private static Standing standing(String className, String variant) {
        try {
            for (Method method : Class.forName(className).getMethods()) {
                if (method.getName().equals(variant)) {
                    return Standing.of(method);
                }
            }
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("JMH ran a class that is not there", e);
        }
        throw new IllegalStateException("JMH ran a method that is not there: " + variant);
    }
}

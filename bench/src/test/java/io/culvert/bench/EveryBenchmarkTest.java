package io.culvert.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.bench.Measurement.Standing;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs every benchmark in this JVM, a fixed number of times: none fails, and the packet path makes
 * no garbage. The times mean nothing.
 */
class EveryBenchmarkTest {
    // The first ones load classes.
    private static final int ITERATIONS = 5;
    // One object of 16 bytes per call would be twice what JMH itself allocates.
    private static final int CALLS = 4_000;
    private static final int CALLS_OF_OTHERS = 16;

    static {
        // a run on the same machine, or another build
        System.setProperty("jmh.ignoreLock", "true");
    }

    static Stream<Question> questions() {
        return Question.all().stream();
    }

    @ParameterizedTest
    @MethodSource("questions")
    void oursRunsAndMakesNoGarbage(Question question) throws RunnerException {
        List<Measurement> measurements = run(question, Standing.OURS, CALLS);
        assertThat(measurements).isNotEmpty();
        assertThat(measurements).extracting(Measurement::bytes).containsOnly(0.0);
    }

    @ParameterizedTest
    @MethodSource("questions")
    void whatItIsComparedWithRuns(Question question) throws RunnerException {
        assertThat(run(question, Standing.BASELINE, CALLS_OF_OTHERS)).isNotEmpty();
        if (!methods(question, Standing.FLOOR).isEmpty()) {
            assertThat(run(question, Standing.FLOOR, CALLS_OF_OTHERS)).isNotEmpty();
        }
    }

    @Test
    void everyQuestionHasItsOwnName() {
        assertThat(questions().map(Question::name))
                .doesNotHaveDuplicates()
                .contains("checksum", "encapsulate", "header-access");
    }

    @Test
    void questionsKnowWhatTheirBenchmarksVary() {
        assertThat(questions())
                .filteredOn(question -> question.name().equals("pipeline"))
                .extracting(Question::parameters)
                .containsExactly(Set.of("bytes", "tunnel"));
        assertThat(questions())
                .filteredOn(question -> question.name().equals("system-call"))
                .extracting(Question::parameters)
                .containsExactly(Set.of());
    }

    private static List<Measurement> run(Question question, Standing standing, int calls)
            throws RunnerException {
        String ofItsMethods = "(" + String.join("|", methods(question, standing)) + ")$";
        Options options =
                new OptionsBuilder()
                        .include(question.pattern() + ofItsMethods)
                        .param("bytes", "64")
                        .param("tunnels", "100")
                        .mode(Mode.SingleShotTime)
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(ITERATIONS)
                        .measurementBatchSize(calls)
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .build();
        Progress silent = new Progress(new PrintStream(OutputStream.nullOutputStream()));
        return new Runner(options, silent).run().stream().map(Measurement::of).toList();
    }

    private static List<String> methods(Question question, Standing standing) {
        return Arrays.stream(question.type().getMethods())
                .filter(method -> method.isAnnotationPresent(Benchmark.class))
                .filter(method -> Standing.of(method) == standing)
                .map(Method::getName)
                .toList();
    }
}

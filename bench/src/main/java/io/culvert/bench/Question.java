package io.culvert.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * A question that can be asked on the command line: a benchmark class with {@link Asks}.
 *
 * @param name the class's name in lower case with hyphens, {@code header-access}
 * @param type the class
 * @param asks the question
 * @param per what one operation is about
 * @param parameters names of what its benchmarks vary
 */
record Question(String name, Class<?> type, String asks, String per, Set<String> parameters) {
    private static final String SUFFIX = "Benchmark";

    /** All questions that this program has benchmarks for, by name. */
    static List<Question> all() {
        OutputFormat silent =
                OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
        return BenchmarkList.defaultList().getAll(silent, List.of()).stream()
                .collect(Collectors.groupingBy(BenchmarkListEntry::getUserClassQName))
                .entrySet()
                .stream()
                .map(benchmarks -> of(benchmarks.getKey(), benchmarks.getValue()))
                .sorted(Comparator.comparing(Question::name))
                .toList();
    }

    /** What JMH selects the class's benchmarks by. */
    String pattern() {
        return type.getName().replace(".", "\\.") + "\\.";
    }

    private static Question of(String className, List<BenchmarkListEntry> benchmarks) {
        Set<String> parameters = new TreeSet<>();
        for (BenchmarkListEntry benchmark : benchmarks) {
            parameters.addAll(benchmark.getParams().orElse(Map.of()).keySet());
        }
        try {
            Class<?> type = Class.forName(className);
            Asks asks = type.getAnnotation(Asks.class);
            return new Question(nameOf(type), type, asks.value(), asks.per(), parameters);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("JMH lists a class that is not there", e);
        }
    }

    private static String nameOf(Class<?> type) {
        String simple = type.getSimpleName().replace(SUFFIX, "");
        return simple.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }
}

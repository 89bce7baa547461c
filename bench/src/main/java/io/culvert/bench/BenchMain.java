package io.culvert.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Asks the questions that are named, and prints and keeps the answers.
 *
 * <p>Words: names of questions; {@code PARAMETER=VALUE,VALUE}, which narrows them; {@code --list};
 * {@code --quick}; {@code --results DIRECTORY}; {@code --commit NAME}. No name means all questions,
 * or all that have the parameters. JMH's own command line is in the same jar: {@code java -cp
 * benchmarks.jar org.openjdk.jmh.Main -h}.
 */
public final class BenchMain {
    private static final int EX_USAGE = 64; // sysexits.h
    private static final TimeValue QUICK = TimeValue.milliseconds(200);
    private static final int QUICK_ITERATIONS = 2;
    private static final int FIRST_JDK_THAT_WARNS_OF_UNSAFE = 23;

    private final PrintStream out;
    private final List<Question> questions = new ArrayList<>();
    private final Map<String, String[]> narrowed = new LinkedHashMap<>();
    private Path results = Path.of("bench", "results");
    private String commit = "unknown";
    private boolean quick;
    private boolean list;

    private BenchMain(PrintStream out) {
        this.out = out;
    }

    /** Runs; the exit status is 0, 64 for words that nobody understands, or 1. */
    public static void main(String[] words) throws IOException {
        BenchMain bench = new BenchMain(new PrintStream(System.out, true, StandardCharsets.UTF_8));
        try {
            bench.read(new ArrayList<>(Arrays.asList(words)));
            if (bench.list) {
                bench.printList();
            } else {
                bench.askAll();
            }
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage());
            System.exit(EX_USAGE);
        } catch (RunnerException e) {
            System.err.println("bench: " + e.getMessage());
            System.exit(1);
        }
    }

    private void read(List<String> words) {
        List<Question> known = Question.all();
        while (!words.isEmpty()) {
            String word = words.remove(0);
            switch (word) {
                case "--quick" -> quick = true;
                case "--list" -> list = true;
                case "--results" -> results = Path.of(value(word, words));
                case "--commit" -> commit = value(word, words);
                default -> {
                    if (word.contains("=")) {
                        narrow(word);
                    } else {
                        questions.add(named(word, known));
                    }
                }
            }
        }
        if (questions.isEmpty()) {
            known.stream()
                    .filter(question -> question.parameters().containsAll(narrowed.keySet()))
                    .forEach(questions::add);
        }
        if (questions.isEmpty()) {
            throw new IllegalArgumentException(
                    "no question varies " + String.join(" and ", narrowed.keySet()));
        }
        refuseStrangeParameters();
    }

    private void narrow(String word) {
        int equals = word.indexOf('=');
        String values = word.substring(equals + 1);
        if (equals == 0 || values.isEmpty()) {
            throw new IllegalArgumentException(
                    word + " is no parameter with its values, such as bytes=64,1400");
        }
        narrowed.put(word.substring(0, equals), values.split(","));
    }

    /** JMH would ignore a parameter that its benchmarks do not have. */
    private void refuseStrangeParameters() {
        for (String parameter : narrowed.keySet()) {
            for (Question question : questions) {
                if (!question.parameters().contains(parameter)) {
                    throw new IllegalArgumentException(
                            "%s does not vary %s, but %s"
                                    .formatted(
                                            question.name(),
                                            parameter,
                                            question.parameters().isEmpty()
                                                    ? "nothing"
                                                    : String.join(", ", question.parameters())));
                }
            }
        }
    }

    private static String value(String option, List<String> words) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return words.remove(0);
    }

    private static Question named(String name, List<Question> known) {
        return known.stream()
                .filter(question -> question.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "no question is called " + name + "; --list shows all"));
    }

    private void printList() {
        int width = questions.stream().mapToInt(q -> q.name().length()).max().orElse(0);
        for (Question question : questions) {
            out.println(
                    question.name()
                            + " ".repeat(width + 2 - question.name().length())
                            + question.asks());
        }
    }

    private void askAll() throws RunnerException, IOException {
        String settings =
                quick
                        ? "1 JVM, 2 x 200 ms after 2 x 200 ms: a smoke test, NOT FOR QUOTING"
                        : "3 JVMs, 10 x 1 s each after 5 x 1 s";
        Map<String, String> environment = Environment.describe(commit, jvmFlags(), settings);
        environment.forEach((name, value) -> out.printf("%-8s  %s%n", name, value));
        for (Question question : questions) {
            out.println();
            ask(question, environment);
        }
        if (quick) {
            out.println("These are not for quoting: one JVM, and warm-up too short to mean much.");
        }
    }

    private void ask(Question question, Map<String, String> environment)
            throws RunnerException, IOException {
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include(question.pattern())
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .jvmArgsAppend(jvmFlags().toArray(String[]::new));
        narrowed.forEach(options::param);
        if (quick) {
            options.forks(1)
                    .warmupIterations(QUICK_ITERATIONS)
                    .warmupTime(QUICK)
                    .measurementIterations(QUICK_ITERATIONS)
                    .measurementTime(QUICK);
        }
        Collection<RunResult> answers = new Runner(options.build(), new Progress(out)).run();
        List<Measurement> measurements = answers.stream().map(Measurement::of).toList();
        out.println();
        out.print(ResultTable.of(question, measurements));
        warnOfGarbage(measurements);
        out.println("\n  " + ResultFile.write(results, question, environment, answers));
    }

    private void warnOfGarbage(List<Measurement> measurements) {
        for (Measurement measurement : measurements) {
            if (measurement.breaksThePromise()) {
                out.println(
                        "  garbage where none may be: "
                                + measurement.variant()
                                + " "
                                + measurement.parameters());
            }
        }
    }

    /** What the launcher gives the program, too, and what keeps newer JDKs from warning. */
    private static List<String> jvmFlags() {
        List<String> flags = new ArrayList<>();
        flags.addAll(List.of("-XX:+UseSerialGC", "-Xms256m", "-Xmx256m", "-XX:-UsePerfData"));
        flags.add("--enable-native-access=ALL-UNNAMED");
        if (Runtime.version().feature() >= FIRST_JDK_THAT_WARNS_OF_UNSAFE) {
            flags.add("--sun-misc-unsafe-memory-access=allow");
        }
        return flags;
    }
}

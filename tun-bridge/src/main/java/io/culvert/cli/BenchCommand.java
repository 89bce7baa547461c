package io.culvert.cli;

import io.culvert.channel.LaneOptions;
import io.culvert.control.WordsException;
import io.culvert.endtoend.Plan;
import io.culvert.endtoend.contender.Contender;
import io.culvert.endtoend.contender.Contenders;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert bench}: how fast tunnels are on this machine. */
@Command(name = "bench")
final class BenchCommand implements Callable<Integer> {
    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Option(names = "--loop")
    private boolean isLoopWanted;

    @Option(names = "--list")
    private boolean isListWanted;

    @Option(names = "--quick")
    private boolean isQuick;

    @Option(names = "--rounds", paramLabel = "number")
    private Integer rounds;

    @Option(names = "--duration", paramLabel = "number of seconds")
    private Double durationSeconds;

    @Option(names = "--rate", paramLabel = "number of probes a second")
    private Integer probesPerSecond;

    @Option(names = "--only", paramLabel = "list of names", split = ",")
    private List<String> only = List.of();

    @Option(names = "--baseline", paramLabel = "name")
    private String baseline;

    @Option(names = "--offload", paramLabel = "list of words", split = ",")
    private List<String> offloads = List.of();

    @Option(names = "--lanes", paramLabel = "list of numbers", split = ",")
    private List<String> lanes = List.of();

    @Option(names = "--spin", paramLabel = "list of microseconds", split = ",")
    private List<String> spins = List.of();

    @Option(names = "--underlay", paramLabel = "list of words", split = ",")
    private List<String> underlays = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "directory")
    private String output;

    @Parameters(arity = "0..*", paramLabel = "WORD")
    private List<String> words = List.of();

    @Override
    public Integer call() {
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        if (isHelpWanted || words.contains("help") || words.contains("--help")) {
            Manual.print(out, "bench");
            return ExitStatus.OK;
        }
        try {
            if (!words.isEmpty()) {
                throw new WordsException(
                        "bench takes options only, not \""
                                + words.get(0)
                                + "\" (see culvert bench --help)");
            }
            Plan plan = plan();
            if (isLoopWanted) {
                return new LoopBench(out, err).run(plan, output);
            }
            List<Contender> contenders = contenders();
            if (isListWanted) {
                list(out, contenders);
                return ExitStatus.OK;
            }
            return new Bench(out, err).run(plan, contenders, baseline(contenders), output);
        } catch (WordsException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.USAGE;
        }
    }

    private Plan plan() {
        Plan plan = isQuick ? Plan.QUICK : Plan.USUAL;
        if (rounds != null) {
            require(rounds >= 1 && rounds <= 1_000, "--rounds", "1 to 1000");
            plan = plan.withRounds(rounds);
        }
        if (durationSeconds != null) {
            boolean isSensible = durationSeconds >= 1 && durationSeconds <= 600;
            require(isSensible, "--duration", "1 to 600 seconds");
            plan = plan.withDuration(Duration.ofMillis(Math.round(durationSeconds * 1_000)));
        }
        if (probesPerSecond != null) {
            boolean isSensible = probesPerSecond >= 10 && probesPerSecond <= 100_000;
            require(isSensible, "--rate", "10 to 100000 probes a second");
            plan = plan.withProbesPerSecond(probesPerSecond);
        }
        return plan;
    }

    private static void require(boolean isSensible, String option, String range) {
        if (!isSensible) {
            throw new WordsException("\"" + option + "\" takes " + range);
        }
    }

    private List<Contender> contenders() {
        checkVariants();
        boolean isUsual = Stream.of(offloads, lanes, spins, underlays).allMatch(List::isEmpty);
        List<Contender> all =
                isUsual
                        ? Contenders.usual()
                        : Contenders.variants(
                                or(offloads, "auto"),
                                or(lanes, "auto"),
                                or(spins, "0"),
                                or(underlays, "raw"));
        if (only.isEmpty()) {
            return all;
        }
        List<Contender> chosen = new ArrayList<>();
        for (String name : only) {
            chosen.add(named(name, all));
        }
        return chosen.stream().distinct().toList();
    }

    /** A value that {@code run} would refuse is wrong now, not in every round of half an hour. */
    private void checkVariants() {
        boolean areOffloads = List.of("auto", "on", "off").containsAll(offloads);
        require(areOffloads, "--offload", "auto, on and off");
        int most = LaneOptions.MOST_LANES;
        boolean areLanes = lanes.stream().allMatch(w -> w.equals("auto") || isWithin(w, 1, most));
        require(areLanes, "--lanes", "1 to " + most + " or auto");
        int longest = LaneOptions.MOST_SPIN_MICROS;
        boolean areSpins = spins.stream().allMatch(word -> isWithin(word, 0, longest));
        require(areSpins, "--spin", "0 to " + longest + " microseconds");
        underlays.forEach(UnderlayOption::kind);
    }

    private static boolean isWithin(String word, int least, int most) {
        if (!word.matches("[0-9]{1,9}")) {
            return false;
        }
        int number = Integer.parseInt(word);
        return number >= least && number <= most;
    }

    private static List<String> or(List<String> values, String usual) {
        return values.isEmpty() ? List.of(usual) : values;
    }

    /** The one that others are compared with; null when the usual one is not among them. */
    private String baseline(List<Contender> contenders) {
        if (baseline != null) {
            return named(baseline, contenders).name();
        }
        return contenders.stream()
                .map(Contender::name)
                .filter(Contenders.DIRECT::equals)
                .findFirst()
                .orElse(contenders.get(0).name());
    }

    private static Contender named(String name, List<Contender> contenders) {
        return contenders.stream()
                .filter(contender -> contender.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new WordsException(
                                        Culvert.unknown(
                                                "contender",
                                                name,
                                                contenders.stream().map(Contender::name).toList(),
                                                "culvert bench")));
    }

    private static void list(PrintWriter out, List<Contender> contenders) {
        int width = contenders.stream().mapToInt(c -> c.name().length()).max().orElse(1);
        String line = "%-" + width + "s  %s%s%n";
        for (Contender contender : contenders) {
            String obstacle = contender.obstacle().map(why -> " (absent: " + why + ")").orElse("");
            out.printf(line, contender.name(), contender.description(), obstacle);
        }
        out.flush();
    }
}

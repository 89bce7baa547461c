package io.culvert.cli;

import io.culvert.attach.AttachClient;
import io.culvert.attach.AttachException;
import io.culvert.attach.RunningCulvert;
import io.culvert.control.WordsException;
import io.culvert.json.Json;
import io.culvert.stats.HgrmFiles;
import io.culvert.stats.Interval;
import io.culvert.stats.Sample;
import io.culvert.stats.StatsJson;
import io.culvert.stats.StatsText;
import io.culvert.stats.WatchText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert stats}: what running tunnels have done, and what they do. */
@Command(name = "stats")
final class StatsCommand implements Callable<Integer> {
    private static final double MOST_SECONDS = 3600;
    private static final double LEAST_SECONDS = 0.1;
    private static final String ONE_SECOND = "1";

    @Spec private CommandSpec command;

    @Option(names = {"-h", "--help"})
    private boolean isHelpWanted;

    @Option(
            names = {"-w", "--watch"},
            arity = "0..1",
            fallbackValue = ONE_SECOND,
            paramLabel = "number of seconds")
    private String watch;

    @Option(
            names = {"-c", "--count"},
            paramLabel = "number")
    private Long count;

    @Option(names = "--json")
    private boolean isJsonWanted;

    @Option(names = "--hgrm", paramLabel = "file")
    private String hgrm;

    @Option(names = "--pid", paramLabel = "number")
    private Long pid;

    @Option(names = "--control", paramLabel = "directory")
    private String control;

    @Parameters(arity = "0..*", paramLabel = "TUNNEL")
    private List<String> words = List.of();

    private boolean isAnySilent;

    @Override
    public Integer call() {
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        if (isHelpWanted || words.equals(List.of("help"))) {
            Manual.print(out, "stats");
            return ExitStatus.OK;
        }
        try {
            String tunnel = tunnel();
            double seconds = seconds();
            try (StatsSources sources = new StatsSources(processes(tunnel, err), tunnel, err)) {
                if (watch == null) {
                    once(out, List.copyOf(sources.samples().values()));
                } else {
                    watch(out, sources, seconds);
                }
                return isAnySilent || sources.isAnyLost() ? ExitStatus.FAILED : ExitStatus.OK;
            }
        } catch (AttachException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.of(e.kind());
        } catch (IOException | InvalidPathException e) {
            Complaint.print(err, "cannot write " + hgrm + ": " + e.getMessage());
            return ExitStatus.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitStatus.FAILED;
        } catch (IllegalArgumentException e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.USAGE;
        }
    }

    /** The one that is meant; without a name and a number all that we may ask. */
    private List<RunningCulvert> processes(String tunnel, PrintWriter err) throws AttachException {
        AttachClient client = new AttachClient(ControlOptions.directory(control));
        if (tunnel == null && pid == null) {
            AttachClient.Found found = client.search();
            for (AttachException e : found.silent()) {
                if (e.kind() != AttachException.Kind.NO_PERMISSION) {
                    Complaint.print(err, e.getMessage());
                    isAnySilent = true;
                }
            }
            return found.running();
        }
        RunningCulvert culvert = client.find(tunnel, pid);
        if (tunnel != null && pid == null) {
            OtherNamespace.say(err, tunnel, culvert);
        }
        return List.of(culvert);
    }

    /** The tunnel's name, or null for all. */
    private String tunnel() {
        List<String> names = new ArrayList<>(words);
        if (watch != null && names.isEmpty() && !isNumber(watch)) {
            names.add(watch); // --watch tun0
            watch = ONE_SECOND;
        }
        if (names.size() > 1) {
            throw new WordsException(
                    "stats takes one tunnel or none, not \"" + names.get(1) + "\" as well");
        }
        return names.isEmpty() ? null : names.get(0);
    }

    private double seconds() {
        if (watch == null) {
            if (count != null) {
                throw new WordsException("\"--count\" goes with --watch");
            }
            return 0;
        }
        if (hgrm != null) {
            throw new WordsException("\"--hgrm\" and \"--watch\" do not go together");
        }
        double seconds = isNumber(watch) ? Double.parseDouble(watch) : 0;
        if (!(seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS)) {
            throw new WordsException("\"--watch\" takes 0.1 to 3600 seconds");
        }
        return seconds;
    }

    private static boolean isNumber(String text) {
        return text.matches("[0-9]{1,9}([.][0-9]{1,9})?");
    }

    private void once(PrintWriter out, List<Sample> samples) throws IOException {
        out.print(isJsonWanted ? Json.write(StatsJson.of(samples)) : StatsText.of(samples));
        if (hgrm != null) {
            for (Path file : HgrmFiles.write(samples, hgrm)) {
                if (!isJsonWanted) {
                    out.println("wrote " + file);
                }
            }
        }
        out.flush();
    }

    /** Until a signal ends it, or the tunnels do; or for so many intervals. */
    private void watch(PrintWriter out, StatsSources sources, double seconds)
            throws AttachException, InterruptedException {
        boolean isScreen = !isJsonWanted && Terminal.isOutput();
        WatchText text = new WatchText(Terminal.isUnicode(System.getenv()));
        long dueNanos = System.nanoTime();
        long stepNanos = (long) (seconds * 1e9);
        Map<RunningCulvert, Sample> before = sources.samples();
        for (long shown = 0; (count == null || shown < count) && !out.checkError(); shown++) {
            dueNanos += stepNanos;
            TimeUnit.NANOSECONDS.sleep(dueNanos - System.nanoTime());
            Map<RunningCulvert, Sample> now = sources.samples();
            List<Interval> intervals = new ArrayList<>();
            for (Map.Entry<RunningCulvert, Sample> process : now.entrySet()) {
                intervals.add(Interval.between(before.get(process.getKey()), process.getValue()));
            }
            if (isJsonWanted) {
                out.println(Json.line(StatsJson.ofIntervals(intervals)));
            } else {
                out.print(isScreen ? text.screen(intervals) : WatchText.lines(intervals));
            }
            out.flush();
            before = now;
        }
    }
}

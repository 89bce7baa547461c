package io.culvert.cli;

import io.culvert.endtoend.EndToEnd;
import io.culvert.endtoend.Measured;
import io.culvert.endtoend.Plan;
import io.culvert.endtoend.contender.Contender;
import io.culvert.endtoend.host.Command;
import io.culvert.endtoend.host.CommandFailure;
import io.culvert.endtoend.load.TcpLoad;
import io.culvert.endtoend.report.Environment;
import io.culvert.endtoend.report.ReportFiles;
import io.culvert.endtoend.report.Results;
import io.culvert.endtoend.report.TextReport;
import io.culvert.linux.LibC;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Goes through a run in the foreground, and prints what it came to, also when it is interrupted.
 */
final class Bench {
    private final PrintWriter out;
    private final PrintWriter err;
    private final EndingSignals asked = new EndingSignals();
    private final AtomicInteger signal = new AtomicInteger();

    Bench(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    /**
     * Measures and reports.
     *
     * @param baseline name of the contender that others are compared with
     * @param output directory for files, or null
     * @return the exit status
     */
    int run(Plan plan, List<Contender> contenders, String baseline, String output) {
        if (LibC.geteuid() != 0) {
            Complaint.print(
                    err,
                    "bench makes network namespaces and devices, which needs root (culvert bench"
                            + " --loop does not)");
            return ExitStatus.NO_PERMISSION;
        }
        if (!Command.exists("ip")) {
            Complaint.print(err, "bench needs the program ip (Debian: apt-get install iproute2)");
            return ExitStatus.UNAVAILABLE;
        }
        try (Signals signals = new Signals()) {
            Thread runner = Thread.currentThread();
            EndingSignals.NUMBERS.forEach(
                    (name, number) -> signals.on(name, () -> interrupt(runner, number)));
            return measure(plan, contenders, baseline, output);
        } catch (CommandFailure e) {
            Complaint.print(err, e.getMessage());
            return ExitStatus.FAILED;
        } catch (IOException e) {
            Complaint.print(err, "cannot write to " + output + ": " + e);
            return ExitStatus.FAILED;
        } catch (InterruptedException e) {
            return 128 + signal.get();
        }
    }

    private int measure(Plan plan, List<Contender> contenders, String baseline, String output)
            throws IOException, InterruptedException {
        if (output != null) {
            Files.createDirectories(Path.of(output)); // rather now than after half an hour
        }
        Environment environment = Environment.ofThisMachine(VersionCommand.version());
        Run run = new Run(plan, contenders, environment, baseline);
        boolean isComplete = run.toItsEnd();
        Results results = run.results();
        out.print(TextReport.of(results));
        if (output != null && !results.measured().isEmpty()) {
            Path directory = Path.of(output);
            ReportFiles.write(results, directory);
            out.printf("%nFiles, bench.html among them: %s%n", directory.toAbsolutePath());
        }
        out.flush();
        if (!isComplete) {
            return 128 + signal.get();
        }
        return results.hasFailures() || results.present().isEmpty()
                ? ExitStatus.FAILED
                : ExitStatus.OK;
    }

    /** A run with its progress line. */
    private final class Run {
        private final Plan plan;
        private final EndToEnd endToEnd;
        private final ProgressLine progress;
        private final Environment environment;
        private final String baseline;

        Run(Plan plan, List<Contender> contenders, Environment environment, String baseline) {
            this.plan = plan;
            this.environment = environment;
            this.baseline = baseline;
            int present = (int) contenders.stream().filter(c -> c.obstacle().isEmpty()).count();
            progress =
                    new ProgressLine(
                            err,
                            Terminal.isError(),
                            plan.rounds(),
                            plan.rounds() * Math.max(1, present),
                            plan.estimate(present));
            endToEnd = new EndToEnd(plan, contenders, progress);
        }

        /** False when it was interrupted. */
        boolean toItsEnd() {
            try (progress) {
                endToEnd.run();
                return true;
            } catch (InterruptedException e) {
                return false;
            }
        }

        Results results() {
            List<Measured> contenders = endToEnd.results();
            Measured reference =
                    contenders.stream()
                            .filter(contender -> contender.name().equals(baseline))
                            .filter(contender -> contender.absence() == null)
                            .findFirst()
                            .orElse(null);
            return new Results(
                    environment,
                    plan,
                    endToEnd.roundsBegun(),
                    contenders,
                    reference,
                    TcpLoad.ofThisMachine().name());
        }
    }

    /** Ends the run; when asked again later the process, which cleans up as well. */
    private void interrupt(Thread runner, int number) {
        switch (asked.next(System.nanoTime())) {
            case END -> {
                signal.set(number);
                runner.interrupt();
            }
            case SAID_ALREADY -> {}
            case END_AT_ONCE -> System.exit(128 + number);
        }
    }
}

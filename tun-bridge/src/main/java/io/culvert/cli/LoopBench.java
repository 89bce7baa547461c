package io.culvert.cli;

import io.culvert.endtoend.Plan;
import io.culvert.endtoend.report.Environment;
import io.culvert.loop.LoopCase;
import io.culvert.loop.LoopMeasured;
import io.culvert.loop.LoopReport;
import io.culvert.loop.LoopRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** {@code culvert bench --loop}: the pipeline alone, which needs neither root nor devices. */
final class LoopBench {
    /** A turn is so much shorter than a measurement of the end-to-end bench. */
    private static final int TURNS_PER_DURATION = 15;

    private static final String NOTHING = "Interrupted before anything was measured.\n";

    private final PrintWriter out;
    private final PrintWriter err;
    private final EndingSignals asked = new EndingSignals();
    private final AtomicInteger signal = new AtomicInteger();

    LoopBench(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    /**
     * Measures and reports.
     *
     * @param output directory for {@code loop.json}, or null
     * @return the exit status
     */
    int run(Plan plan, String output) {
        LoopRun run = new LoopRun(LoopCase.usual());
        try (Signals signals = new Signals()) {
            EndingSignals.NUMBERS.forEach(
                    (name, number) -> signals.on(name, () -> interrupt(run, number)));
            List<LoopMeasured> results =
                    measure(run, plan).stream().filter(LoopMeasured::hasRounds).toList();
            out.print(results.isEmpty() ? NOTHING : LoopReport.text(results));
            if (signal.get() != 0 && !results.isEmpty()) {
                out.printf("Interrupted: %d rounds were planned.%n", plan.rounds());
            }
            out.flush();
            if (!results.isEmpty()) {
                write(results, output);
            }
            if (signal.get() != 0) {
                return 128 + signal.get();
            }
            boolean isSound = results.stream().allMatch(measured -> measured.lostPackets() == 0);
            return isSound ? ExitStatus.OK : ExitStatus.FAILED;
        } catch (IOException e) {
            Complaint.print(err, "cannot write to " + output + ": " + e);
            return ExitStatus.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitStatus.FAILED;
        }
    }

    /** Ends the run; when asked again later the process. */
    private void interrupt(LoopRun run, int number) {
        switch (asked.next(System.nanoTime())) {
            case END -> {
                signal.set(number);
                run.end();
            }
            case SAID_ALREADY -> {}
            case END_AT_ONCE -> System.exit(128 + number);
        }
    }

    private List<LoopMeasured> measure(LoopRun run, Plan plan) throws InterruptedException {
        boolean isTerminal = Terminal.isError();
        Duration turn = plan.duration().dividedBy(TURNS_PER_DURATION);
        List<LoopMeasured> results =
                run.run(plan.rounds(), turn, round -> show(isTerminal, round, plan.rounds()));
        if (isTerminal) {
            err.print("\r\u001b[2K");
            err.flush();
        }
        return results;
    }

    private void write(List<LoopMeasured> results, String output)
            throws IOException, InterruptedException {
        if (output != null) {
            Path directory = Files.createDirectories(Path.of(output));
            Environment environment = Environment.ofThisMachine(VersionCommand.version());
            Files.writeString(
                    directory.resolve("loop.json"), LoopReport.json(results, environment));
        }
    }

    private void show(boolean isTerminal, int round, int rounds) {
        if (isTerminal) {
            err.print(
                    "\r\u001b[2K" + (round == 0 ? "warm-up" : "round " + round + " of " + rounds));
            err.flush();
        }
    }
}

package io.culvert.peers;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A program that runs beside the test, in a session of its own, so that it can be ended together
 * with whatever it has started and without touching any other process.
 *
 * <p>What it writes is kept in memory and in {@code target/peers}. A namespace that started it ends
 * it at the latest when the namespace closes.
 */
public final class BackgroundProcess implements AutoCloseable {
    private static final Path LOGS = Path.of("target", "peers");
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final String command;
    private final Process process;
    private final Writer file;
    private final LineLog stdout;
    private final LineLog stderr;

    private BackgroundProcess(String command, Process process, Path log) throws IOException {
        this.command = command;
        this.process = process;
        this.file = Files.newBufferedWriter(log);
        this.stdout = LineLog.of(process.getInputStream(), file, log.getFileName() + " stdout");
        this.stderr = LineLog.of(process.getErrorStream(), file, log.getFileName() + " stderr");
    }

    /** Starts {@code command}, whose words all exec one another, as {@code ip netns exec} does. */
    public static BackgroundProcess start(String logName, List<String> command) {
        List<String> words = Stream.concat(Stream.of("setsid"), command.stream()).toList();
        try {
            Files.createDirectories(LOGS);
            Process process = new ProcessBuilder(words).start();
            return new BackgroundProcess(
                    String.join(" ", command), process, LOGS.resolve(logName + ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + String.join(" ", command), e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public LineLog stdout() {
        return stdout;
    }

    public LineLog stderr() {
        return stderr;
    }

    /** Writes one line to the program's standard input. */
    public void writeLine(String line) {
        try {
            BufferedWriter stdin = process.outputWriter(StandardCharsets.UTF_8);
            stdin.write(line + "\n");
            stdin.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + this, e);
        }
    }

    /** Waits for a line of {@code log}, or throws with everything the program wrote. */
    public String awaitLine(LineLog log, int from, Predicate<String> wanted, Duration patience) {
        try {
            return log.await(from, wanted, patience)
                    .orElseThrow(
                            () ->
                                    new IllegalStateException(
                                            "the line did not come within %s from %s"
                                                    .formatted(patience, this)));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Sends a signal, named without SIG, to the program alone and not to what it has started. */
    public void signal(String name) {
        kill(name, pid());
    }

    /** Waits for the program to end by itself and returns what it left behind. */
    public Outcome awaitEnd(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException(
                        "still running after %s: %s".formatted(patience, this));
            }
            stdout.awaitEnd(GRACE);
            stderr.awaitEnd(GRACE);
            return new Outcome(command, process.exitValue(), text(stdout), text(stderr));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Asks the program to end with a signal, named without SIG, and waits until it has. */
    public Outcome end(String signal) {
        signal(signal);
        return awaitEnd(GRACE);
    }

    /** Ends the program and everything it has started, at once; does nothing when it has ended. */
    @Override
    public void close() {
        // The session's process group outlives its leader when that was killed alone.
        kill("KILL", -pid());
        boolean interrupted = Thread.interrupted();
        try {
            awaitEnd(GRACE);
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the log of " + command, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public String toString() {
        String state = isAlive() ? "running" : "exit status " + process.exitValue();
        return "%s (pid %d, %s):%n%s%s"
                .formatted(command, pid(), state, text(stdout), text(stderr));
    }

    private static String text(LineLog log) {
        StringBuilder text = new StringBuilder();
        log.lines().forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    private static void kill(String signal, long pidOrMinusGroup) {
        // The shell has kill built in; a machine may lack the program. It fails when all have
        // ended.
        String kill = "kill -s %s -- %d 2>/dev/null || true".formatted(signal, pidOrMinusGroup);
        ForegroundCommand.run(List.of("sh", "-c", kill), GRACE).orThrow();
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while waiting for a process", e);
    }
}

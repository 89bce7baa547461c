package io.culvert.endtoend.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A program that runs until it is ended, such as one end of a tunnel.
 *
 * <p>What it writes, to stdout or stderr, is kept as lines, up to a limit. Any thread.
 */
public final class EndpointProcess implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final int MOST_LINES = 10_000;

    private final String command;
    private final Process process;
    private final List<String> lines = new ArrayList<>();

    private EndpointProcess(String command, Process process) {
        this.command = command;
        this.process = process;
    }

    /** Starts a program whose words all exec one another, as {@code ip netns exec} does. */
    static EndpointProcess start(List<String> words) {
        String line = String.join(" ", words);
        try {
            Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            EndpointProcess endpoint = new EndpointProcess(line, process);
            Thread reader = new Thread(endpoint::readLines, "output of " + words.get(0));
            reader.setDaemon(true);
            reader.start();
            return endpoint;
        } catch (IOException e) {
            throw new CommandFailure("cannot start " + line + ": " + e.getMessage(), e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** The program and whatever it has started, as far as they run. */
    public List<ProcessHandle> family() {
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process.toHandle());
        return family;
    }

    /** How many lines it has written so far. */
    public synchronized int lineCount() {
        return lines.size();
    }

    /**
     * Waits for a line.
     *
     * @param from lines to pass over
     * @throws CommandFailure with what it said last, when it ends or the time is up before
     */
    public String awaitLine(int from, Predicate<String> wanted, Duration patience)
            throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        synchronized (this) {
            while (true) {
                Optional<String> found = lines.stream().skip(from).filter(wanted).findFirst();
                if (found.isPresent()) {
                    return found.get();
                }
                long leftMillis = (end - System.nanoTime()) / 1_000_000;
                if (leftMillis <= 0 || !process.isAlive()) {
                    throw new CommandFailure(command + ": " + lastWords());
                }
                wait(Math.min(leftMillis, 100));
            }
        }
    }

    /** Writes one line to its standard input. */
    public void writeLine(String line) {
        try {
            Writer stdin = process.outputWriter(StandardCharsets.UTF_8);
            stdin.write(line + "\n");
            stdin.flush();
        } catch (IOException e) {
            throw new CommandFailure("cannot write to " + command + ": " + lastWords(), e);
        }
    }

    /** What it said last, in one line, or how it ended. */
    public synchronized String lastWords() {
        if (!lines.isEmpty()) {
            int from = Math.max(0, lines.size() - 3);
            return String.join("; ", lines.subList(from, lines.size()));
        }
        return process.isAlive() ? "said nothing" : "exit status " + process.exitValue();
    }

    /** Ends it by a signal, and by force when that does not help. */
    @Override
    public void close() {
        List<ProcessHandle> family = family();
        process.destroy();
        boolean interrupted = Thread.interrupted();
        try {
            process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        family.forEach(ProcessHandle::destroyForcibly);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void readLines() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                append(line);
            }
        } catch (IOException e) {
            append("(its output broke off: " + e.getMessage() + ")");
        }
    }

    private synchronized void append(String line) {
        if (lines.size() < MOST_LINES) {
            lines.add(line);
        }
        notifyAll();
    }
}

package io.culvert.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The lines that a running program has written to one of its streams so far, kept in memory and in
 * a file. One thread reads the stream; any thread may wait for a line.
 */
public final class LineLog {
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    /**
     * Reads {@code stream} to its end on a thread of its own and copies each line to {@code file}.
     */
    static LineLog of(InputStream stream, Writer file, String threadName) {
        LineLog log = new LineLog();
        Thread reader = new Thread(() -> log.readAll(stream, file), threadName);
        reader.setDaemon(true);
        reader.start();
        return log;
    }

    /** Returns how many lines there are, to wait for a line that comes after them. */
    public synchronized int size() {
        return lines.size();
    }

    public synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /**
     * Waits for a line among those from index {@code from} on.
     *
     * @return the first such line, or nothing when the stream ends or the time is up before it
     *     comes
     */
    public synchronized Optional<String> await(
            int from, Predicate<String> wanted, Duration patience) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        int next = from;
        while (true) {
            for (; next < lines.size(); next++) {
                if (wanted.test(lines.get(next))) {
                    return Optional.of(lines.get(next));
                }
            }
            long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (ended || leftMillis <= 0) {
                return Optional.empty();
            }
            wait(leftMillis);
        }
    }

    /** Waits until the program has closed the stream, so that no line is missing. */
    synchronized void awaitEnd(Duration patience) throws InterruptedException {
        await(lines.size(), line -> false, patience);
    }

    private void readAll(InputStream stream, Writer file) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line; (line = reader.readLine()) != null; ) {
                file.write(line + System.lineSeparator());
                file.flush();
                append(line);
            }
        } catch (IOException e) {
            append("(nothing more could be read: " + e + ")");
        } finally {
            end();
        }
    }

    private synchronized void append(String line) {
        lines.add(line);
        notifyAll();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }
}

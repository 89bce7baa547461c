package io.culvert.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a command to its end, within a time. */
final class ForegroundCommand {
    /**
     * Runs {@code command}; when the time is up it is killed with what it has started, and this
     * throws.
     */
    static Outcome run(List<String> command, Duration patience) {
        String line = String.join(" ", command);
        Path stdout = null;
        Path stderr = null;
        Process process = null;
        try {
            // Files and not pipes: a pipe would need a reader, and a child that outlives the
            // command holds it open.
            stdout = Files.createTempFile("cv-", ".out");
            stderr = Files.createTempFile("cv-", ".err");
            process =
                    new ProcessBuilder(command)
                            .redirectInput(Path.of("/dev/null").toFile())
                            .redirectOutput(stdout.toFile())
                            .redirectError(stderr.toFile())
                            .start();
            boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                throw new IllegalStateException(
                        "%s: still running after %s%n%s%s"
                                .formatted(
                                        line,
                                        patience,
                                        Files.readString(stdout),
                                        Files.readString(stderr)));
            }
            return new Outcome(
                    line, process.exitValue(), Files.readString(stdout), Files.readString(stderr));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + line, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(line + ": interrupted", e);
        } finally {
            if (process != null && process.isAlive()) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            delete(stdout);
            delete(stderr);
        }
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ForegroundCommand() {}
}

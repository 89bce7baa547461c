package io.culvert.endtoend.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs that run to their end. Any thread. */
public final class Command {
    private static final List<String> WHERE_ROOTS_PROGRAMS_ARE =
            List.of("/usr/local/sbin", "/usr/sbin", "/sbin");

    private Command() {}

    /**
     * Runs a program without input.
     *
     * @throws CommandFailure when there is no such program, or it still runs when the time is up;
     *     it is killed then
     * @throws InterruptedException when the thread is interrupted; the program is killed then
     */
    public static Outcome run(List<String> words, Duration patience) throws InterruptedException {
        String line = String.join(" ", words);
        Path stdout = null;
        Path stderr = null;
        Process process = null;
        try {
            // Files and not pipes, which would need readers.
            stdout = Files.createTempFile(Topology.OWN_NAME, ".out");
            stderr = Files.createTempFile(Topology.OWN_NAME, ".err");
            process =
                    new ProcessBuilder(words)
                            .redirectInput(Path.of("/dev/null").toFile())
                            .redirectOutput(stdout.toFile())
                            .redirectError(stderr.toFile())
                            .start();
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new CommandFailure(line + ": no end after " + patience.toSeconds() + " s");
            }
            return new Outcome(
                    line, process.exitValue(), Files.readString(stdout), Files.readString(stderr));
        } catch (IOException e) {
            throw new CommandFailure("cannot run " + line + ": " + e.getMessage(), e);
        } finally {
            if (process != null && process.isAlive()) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            delete(stdout);
            delete(stderr);
        }
    }

    /** Whether a program can be found. */
    public static boolean exists(String program) {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        return Stream.concat(Stream.of(path.split(":")), WHERE_ROOTS_PROGRAMS_ARE.stream())
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new CommandFailure("cannot delete " + file, e);
        }
    }
}

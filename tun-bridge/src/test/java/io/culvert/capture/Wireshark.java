package io.culvert.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** tshark, capinfos and tcpdump, who did not learn from us what a capture file is. */
public final class Wireshark {
    private static final long PATIENCE_SECONDS = 60;

    private Wireshark() {}

    /** What capinfos says of a file, one line each; it must not complain about it. */
    public static List<String> capinfos(Path file) {
        return run(List.of("capinfos", "-M", file.toString()));
    }

    /** Fields of every packet, tab-separated, one line a packet; tshark must not complain. */
    public static List<String> fields(Path file, String... fields) {
        List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString()));
        command.addAll(List.of("-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|"));
        for (String field : fields) {
            command.add("-e");
            command.add(field);
        }
        return run(command);
    }

    /** A line of tcpdump's for each packet, or more; it must read the file to its end. */
    public static List<String> tcpdump(Path file) {
        return run(List.of("tcpdump", "-n", "-r", file.toString()));
    }

    private static List<String> run(List<String> command) {
        boolean isInstalled = isInstalled(command.get(0));
        if ("true".equals(System.getenv("CI"))) {
            assertThat(isInstalled).as("with CI=true %s must be there", command.get(0)).isTrue();
        }
        assumeTrue(isInstalled, command.get(0) + " is not installed");
        try {
            Path complaints = java.nio.file.Files.createTempFile("complaints", ".txt");
            Process process =
                    new ProcessBuilder(command).redirectError(complaints.toFile()).start();
            List<String> lines = process.inputReader().lines().toList();
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            List<String> complained =
                    java.nio.file.Files.readAllLines(complaints).stream()
                            .filter(line -> !line.startsWith("Running as user"))
                            .filter(line -> !line.startsWith("reading from file "))
                            .toList();
            java.nio.file.Files.delete(complaints);
            assertThat(complained).as("complaints of %s", command).isEmpty();
            assertThat(process.exitValue()).as("exit status of %s", command).isZero();
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + command, e);
        }
    }

    private static boolean isInstalled(String program) {
        return List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(directory -> Path.of(directory, program).toFile().canExecute());
    }
}

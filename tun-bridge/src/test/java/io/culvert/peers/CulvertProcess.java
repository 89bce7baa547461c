package io.culvert.peers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code culvert run NAME ...} in a namespace: the program as users start it, in a JVM of its own,
 * with this JVM's class path.
 */
public final class CulvertProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String name;
    private final BackgroundProcess process;

    private CulvertProcess(String name, BackgroundProcess process) {
        this.name = name;
        this.process = process;
    }

    /**
     * Starts a tunnel and waits until it says that it is up.
     *
     * @param words what follows the name on the command line, for example {@code mode gre remote
     *     192.0.2.2 address 198.51.100.1/30}
     * @throws IllegalStateException with everything the program wrote, when it does not come up
     */
    public static CulvertProcess run(NetworkNamespace host, String name, String words) {
        List<String> command = new ArrayList<>(java());
        command.addAll(List.of("run", name));
        command.addAll(List.of(words.strip().split("\\s+")));
        BackgroundProcess process = host.start(command.toArray(String[]::new));
        process.awaitLine(process.stdout(), 0, line -> line.startsWith(name + ": up"), PATIENCE);
        return new CulvertProcess(name, process);
    }

    /** The command that runs Culvert's main class, to which its arguments are added. */
    public static List<String> java() {
        Stream<String> options = Stream.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
        if (Runtime.version().feature() >= 22) { // where its absence makes the JVM warn
            options = Stream.concat(options, Stream.of("--enable-native-access=ALL-UNNAMED"));
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath = System.getProperty("java.class.path");
        return Stream.of(
                        Stream.of(java),
                        options,
                        Stream.of("-cp", classPath, "io.culvert.cli.Culvert"))
                .flatMap(words -> words)
                .toList();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Everything it has written to standard error so far. */
    public List<String> complaints() {
        return process.stderr().lines();
    }

    /** Asks for the counts so far. */
    public CulvertSummary summary() {
        int from = process.stdout().size();
        requestSummary(from);
        // The first line of another one tells that this one is complete.
        int end = from + 1;
        requestSummary(end);
        List<String> lines = process.stdout().lines();
        List<String> later = lines.subList(end, lines.size());
        int next =
                later.indexOf(later.stream().filter(this::beginsSummary).findFirst().orElseThrow());
        return CulvertSummary.parse(name, lines.subList(from, end + next));
    }

    /**
     * Ends the tunnel as a service manager would.
     *
     * @return the final counts
     * @throws IllegalStateException when it complained or its exit status is not 0
     */
    public CulvertSummary stop() {
        int from = process.stdout().size();
        Outcome outcome = process.end("TERM").orThrow();
        if (!outcome.stderr().isEmpty()) {
            throw new IllegalStateException("complaints of " + outcome);
        }
        List<String> lines = process.stdout().lines();
        return CulvertSummary.parse(name, lines.subList(from, lines.size()));
    }

    /** Kills the program if it still runs, for the way out of a test that has failed. */
    @Override
    public void close() {
        process.close();
    }

    private void requestSummary(int from) {
        process.signal("USR1");
        process.awaitLine(process.stdout(), from, this::beginsSummary, PATIENCE);
    }

    private boolean beginsSummary(String line) {
        return line.startsWith(name + " up ");
    }
}

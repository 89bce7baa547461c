package io.culvert.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * {@code culvert run} in a namespace: the program as users start it, in a JVM of its own, with this
 * JVM's class path.
 */
public final class CulvertProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long POLL_NANOS = 20_000_000;

    private final List<String> names;
    private final BackgroundProcess process;

    private CulvertProcess(List<String> names, BackgroundProcess process) {
        this.names = names;
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
        CulvertProcess culvert = start(host, name, words);
        culvert.awaitUp();
        return culvert;
    }

    /** Starts a tunnel and returns at once: for two that start side by side. */
    public static CulvertProcess start(NetworkNamespace host, String name, String words) {
        return new CulvertProcess(List.of(name), host.start(command(name, words)));
    }

    /**
     * Starts {@code culvert run --file} and returns at once.
     *
     * @param lines the file's, each a tunnel's name and words
     * @param options of the command, such as {@code --lanes 2}
     */
    public static CulvertProcess startFile(
            NetworkNamespace host, List<String> lines, String... options) {
        try {
            Path file = Files.createTempFile(Path.of("target"), host.name(), ".tunnels");
            Files.write(file, lines);
            List<String> command = new ArrayList<>(java());
            command.addAll(List.of("run", "--no-rehearsal"));
            command.addAll(List.of(options));
            command.addAll(List.of("--file", file.toAbsolutePath().toString()));
            List<String> names = lines.stream().map(line -> line.split(" ", 2)[0]).toList();
            return new CulvertProcess(names, host.start(command.toArray(String[]::new)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a file of tunnels", e);
        }
    }

    /** Starts tunnels on packet sockets and waits until each says that it is up. */
    public static CulvertProcess runOnPacketSockets(
            NetworkNamespace host, int lanes, String... tunnels) {
        CulvertProcess culvert =
                startFile(host, List.of(tunnels), "--underlay", "packet", "--lanes", "" + lanes);
        culvert.awaitUp();
        return culvert;
    }

    /** Runs a tunnel that is expected not to come up, to its end. */
    public static Outcome refuse(NetworkNamespace host, String name, String words) {
        return host.attempt(command(name, words));
    }

    private static String[] command(String name, String words) {
        List<String> command = new ArrayList<>(java());
        command.addAll(List.of("run", "--no-rehearsal", name));
        command.addAll(List.of(words.strip().split("\\s+")));
        return command.toArray(String[]::new);
    }

    /** The command that runs Culvert's main class, to which its arguments are added. */
    public static List<String> java() {
        return java("io.culvert.cli.Culvert");
    }

    /** The command that runs another main class of the same class path in the same way. */
    public static List<String> java(String mainClass) {
        Stream<String> options = Stream.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
        if (Runtime.version().feature() >= 22) { // where its absence makes the JVM warn
            options = Stream.concat(options, Stream.of("--enable-native-access=ALL-UNNAMED"));
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath = System.getProperty("java.class.path");
        return Stream.of(Stream.of(java), options, Stream.of("-cp", classPath, mainClass))
                .flatMap(words -> words)
                .toList();
    }

    /**
     * Waits until every tunnel has said that it is up; throws with all output when one does not.
     */
    public void awaitUp() {
        for (String name : names) {
            process.awaitLine(
                    process.stdout(), 0, line -> line.startsWith(name + ": up"), PATIENCE);
        }
    }

    /** What it said about the tunnel when that was up. */
    public String upLine(String name) {
        return process.awaitLine(
                process.stdout(), 0, line -> line.startsWith(name + ": up"), PATIENCE);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Everything it has written to standard error so far. */
    public List<String> complaints() {
        return process.stderr().lines();
    }

    /** Waits for a line on standard error. */
    public String awaitComplaint(int from, Predicate<String> wanted) {
        return process.awaitLine(process.stderr(), from, wanted, PATIENCE);
    }

    /** Sends a signal, named without SIG. */
    public void signal(String signal) {
        process.signal(signal);
    }

    /** Waits for the program to end by itself. */
    public Outcome awaitEnd() {
        return process.awaitEnd(PATIENCE);
    }

    /** The counts of one tunnel in what a program that has ended wrote. */
    public static CulvertSummary lastSummary(String name, Outcome outcome) {
        String lastUp = "\n" + name + " up ";
        int begin = ("\n" + outcome.stdout()).lastIndexOf(lastUp);
        if (begin < 0) {
            throw new IllegalStateException("no summary of " + name + " in " + outcome);
        }
        return CulvertSummary.parse(name, outcome.stdout().substring(begin).lines().toList());
    }

    /** Asks for the counts so far. */
    public CulvertSummary summary() {
        return summary(names.get(0));
    }

    /** Asks for one tunnel's counts so far. */
    public CulvertSummary summary(String name) {
        int begin = requestSummary(process.stdout().size());
        // The first line of another one tells that this one is complete.
        int end = requestSummary(begin + 1);
        return CulvertSummary.parse(name, process.stdout().lines().subList(begin, end));
    }

    /** Asks for the counts again and again until they are as wanted. */
    public CulvertSummary awaitSummary(String name, Predicate<CulvertSummary> wanted) {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        CulvertSummary summary = summary(name);
        while (!wanted.test(summary)) {
            if (System.nanoTime() > deadlineNanos) {
                throw new IllegalStateException("%s: still %s".formatted(name, summary));
            }
            LockSupport.parkNanos(POLL_NANOS);
            summary = summary(name);
        }
        return summary;
    }

    /**
     * Ends the program as a service manager would.
     *
     * @return the final counts of the first tunnel
     * @throws IllegalStateException when it complained or its exit status is not 0
     */
    public CulvertSummary stop() {
        Outcome outcome = process.end("TERM").orThrow();
        if (!outcome.stderr().isEmpty()) {
            throw new IllegalStateException("complaints of " + outcome);
        }
        return lastSummary(names.get(0), outcome);
    }

    /** Ends the program with a signal, named without SIG, and waits for its end. */
    public Outcome end(String signal) {
        return process.end(signal);
    }

    /** Kills the program if it still runs, for the way out of a test that has failed. */
    @Override
    public void close() {
        process.close();
    }

    /** Returns where the summary begins: what stands before it may be the end of an earlier one. */
    private int requestSummary(int from) {
        process.signal("USR1");
        process.awaitLine(process.stdout(), from, this::beginsSummary, PATIENCE);
        List<String> lines = process.stdout().lines();
        int begin = from;
        while (!beginsSummary(lines.get(begin))) {
            begin++;
        }
        return begin;
    }

    private boolean beginsSummary(String line) {
        return line.startsWith(names.get(0) + " up ");
    }
}

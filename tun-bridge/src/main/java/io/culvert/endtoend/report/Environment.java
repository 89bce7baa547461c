package io.culvert.endtoend.report;

import io.culvert.endtoend.host.Command;
import io.culvert.endtoend.host.CommandFailure;
import io.culvert.endtoend.host.Outcome;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where results come from: without it a number means nothing.
 *
 * @param facts what is known, by name, in the order in which it is shown
 */
public record Environment(Map<String, String> facts) {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /**
     * Looks at this machine.
     *
     * @param version the version of Culvert
     */
    public static Environment ofThisMachine(String version) throws InterruptedException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("culvert", version);
        put(facts, "commit", commit());
        facts.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        put(facts, "CPU", field(read("/proc/cpuinfo"), "model name", ":"));
        facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        put(facts, "memory", field(read("/proc/meminfo"), "MemTotal", ":"));
        put(facts, "kernel", read("/proc/sys/kernel/osrelease").strip());
        put(facts, "system", field(read("/etc/os-release"), "PRETTY_NAME", "=").replace("\"", ""));
        facts.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put(
                "JVM options",
                String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
        put(facts, "iperf3", firstLine("iperf3", "--version"));
        put(
                facts,
                "TCP congestion control",
                read("/proc/sys/net/ipv4/tcp_congestion_control").strip());
        facts.put("load when it began", String.format(Locale.ROOT, "%.2f", loadAverage()));
        return new Environment(facts);
    }

    /** Why the numbers may be worth little, or null. */
    public String warning() {
        double load = Double.parseDouble(facts.getOrDefault("load when it began", "0"));
        return load > 0.5
                ? "the machine was busy with something else when this began (load " + load + ")"
                : null;
    }

    private static double loadAverage() {
        return Math.max(0, ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    /** The commit of the working tree that the program runs from, where it runs from one. */
    private static String commit() throws InterruptedException {
        Path first = Path.of(System.getProperty("java.class.path").split(":")[0]).toAbsolutePath();
        String directory = String.valueOf(first.getParent());
        String commit = firstLine("git", "-C", directory, "rev-parse", "--short=12", "HEAD");
        if (commit.isEmpty()) {
            return "";
        }
        String changes =
                firstLine("git", "-C", directory, "status", "--porcelain", "--untracked-files=no");
        return changes.isEmpty() ? commit : commit + " with changes";
    }

    private static String firstLine(String... command) throws InterruptedException {
        if (!Command.exists(command[0])) {
            return "";
        }
        try {
            Outcome outcome = Command.run(List.of(command), PATIENCE);
            return outcome.succeeded() ? outcome.stdout().lines().findFirst().orElse("") : "";
        } catch (CommandFailure e) {
            return "";
        }
    }

    private static void put(Map<String, String> facts, String name, String value) {
        if (!value.isEmpty()) {
            facts.put(name, value);
        }
    }

    private static String field(String text, String name, String separator) {
        return text.lines()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .map(line -> line.substring(line.indexOf(separator) + 1).strip())
                .orElse("");
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            return "";
        }
    }
}

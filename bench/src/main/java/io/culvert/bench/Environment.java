package io.culvert.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** On what something was measured: without it a number says nothing. */
final class Environment {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private Environment() {}

    /**
     * What there is to say, in order.
     *
     * @param commit the commit that was built
     * @param jvmFlags what the measured JVMs were started with
     * @param settings how long and how often was measured
     */
    static Map<String, String> describe(String commit, List<String> jvmFlags, String settings) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("cpu", cpu());
        facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put(
                "jdk",
                System.getProperty("java.vm.name")
                        + " "
                        + System.getProperty("java.runtime.version"));
        facts.put("flags", String.join(" ", jvmFlags));
        facts.put("settings", settings);
        facts.put("commit", commit);
        facts.put("measured", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        return facts;
    }

    private static String cpu() {
        String info = "";
        try {
            info = Files.readString(CPU_INFO);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot tell the processor", e);
        }
        // aarch64 has no model name; the architecture is all that is left to say
        String model = field(info, "model name", System.getProperty("os.arch"));
        boolean isGuest = (" " + field(info, "flags", "") + " ").contains(" hypervisor ");
        return model
                + ", "
                + Runtime.getRuntime().availableProcessors()
                + " cores"
                + (isGuest ? ", in a virtual machine" : "");
    }

    private static String field(String info, String name, String otherwise) {
        return info.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(otherwise);
    }
}

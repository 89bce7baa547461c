package io.culvert.endtoend.contender;

import io.culvert.endtoend.host.Host;
import io.culvert.endtoend.host.Topology;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How an endpoint that is a Java program is started, so that it can be asked what it costs. */
public final class JavaEndpoint {
    private JavaEndpoint() {}

    /** Where the endpoint of a host logs its garbage collections. */
    public static Path gcLog(Topology topology, Host host) {
        return topology.directory().resolve(host.name() + ".gc");
    }

    /**
     * The command that runs a main class behind {@link JvmGauge}: the Java, the class path and the
     * options of this process.
     */
    static List<String> command(Path gcLog, String mainClass) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(JavaEndpoint::isForEndpoints)
                .forEach(command::add);
        if (Runtime.version().feature() >= 22) { // where its absence makes the JVM warn
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.add("-Xlog:gc:file=" + gcLog + "::filecount=0");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(JvmGauge.class.getName());
        command.add(mainClass);
        return command;
    }

    /** Agents and logs are for the process that was started with them. */
    private static boolean isForEndpoints(String option) {
        return !option.startsWith("-javaagent:")
                && !option.startsWith("-agentlib:")
                && !option.startsWith("-agentpath:")
                && !option.startsWith("-Xlog:gc")
                && !option.startsWith("-XX:StartFlightRecording")
                && !option.startsWith("-XX:ArchiveClassesAtExit");
    }
}

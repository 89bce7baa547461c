package io.culvert.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Decides whether a {@link NeedsRoot} test can run on this machine. */
final class NeedsRootCondition implements ExecutionCondition {
    // linux/capability.h
    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_NET_RAW = 13;
    private static final int CAP_SYS_ADMIN = 21;

    /** Debian packages of programs whose package has another name. */
    private static final Map<String, String> PACKAGES =
            Map.of(
                    "ip", "iproute2",
                    "ping", "iputils-ping",
                    "nft", "nftables",
                    "scapy", "python3-scapy",
                    "linux.uml", "user-mode-linux");

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        String[] programs =
                AnnotationSupport.findAnnotation(context.getElement(), NeedsRoot.class)
                        .map(NeedsRoot::programs)
                        .orElse(new String[0]);
        return decide(missing(programs), "true".equals(System.getenv("CI")));
    }

    /** Skips a test for which something is missing; throws, which fails it, where it must run. */
    static ConditionEvaluationResult decide(List<String> missing, boolean mustRun) {
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("root, /dev/net/tun and programs are here");
        }
        String reason = "needs " + String.join("; ", missing);
        if (mustRun) {
            throw new IllegalStateException(reason + " (with CI=true this test is never skipped)");
        }
        return ConditionEvaluationResult.disabled(reason);
    }

    /** Names all that is missing, in words that say how to get it. */
    static List<String> missing(String... programs) {
        List<String> missing = new ArrayList<>();
        long capabilities = effectiveCapabilities();
        if (!has(capabilities, CAP_NET_ADMIN)
                || !has(capabilities, CAP_NET_RAW)
                || !has(capabilities, CAP_SYS_ADMIN)) {
            missing.add("root, with CAP_NET_ADMIN, CAP_NET_RAW and CAP_SYS_ADMIN");
        }
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            missing.add("/dev/net/tun (modprobe tun)");
        }
        Stream.concat(Stream.of("ip"), Stream.of(programs))
                .filter(program -> !isOnPath(program))
                .forEach(
                        program ->
                                missing.add(
                                        "the program %s (apt-get install %s)"
                                                .formatted(
                                                        program,
                                                        PACKAGES.getOrDefault(program, program))));
        return missing;
    }

    /** Reads what this process may do; being user 0 says little inside a container. */
    private static long effectiveCapabilities() {
        try (Stream<String> status = Files.lines(Path.of("/proc/self/status"))) {
            return status.filter(line -> line.startsWith("CapEff:"))
                    .map(line -> line.substring("CapEff:".length()).strip())
                    .mapToLong(mask -> Long.parseUnsignedLong(mask, 16))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read /proc/self/status", e);
        }
    }

    private static boolean has(long capabilities, int capability) {
        return (capabilities >>> capability & 1) == 1;
    }

    private static boolean isOnPath(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin").split(":"))
                .map(directory -> Path.of(directory, program))
                .anyMatch(Files::isExecutable);
    }
}

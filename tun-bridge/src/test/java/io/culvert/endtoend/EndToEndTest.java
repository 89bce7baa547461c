package io.culvert.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.json.Json;
import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import io.culvert.run.Eventually;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code culvert bench} as a user starts it, in a process of its own. */
@NeedsRoot
class EndToEndTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir private Path directory;
    private NetworkNamespace host;

    @BeforeEach
    void makeHost() {
        host = NetworkNamespace.create("bench");
    }

    @AfterEach
    void removeHost() {
        host.close();
    }

    @Test
    void aQuickRunMeasuresReportsAndLeavesNothingBehind() throws Exception {
        BackgroundProcess bench =
                bench("--quick --rounds 1 --only direct,culvert-gre,kernel-gre -o " + directory);

        Outcome outcome = bench.awaitEnd(PATIENCE);

        assertThat(outcome.exitStatus()).as("%s", outcome).isZero();
        assertThat(outcome.stdout())
                .containsPattern("(?m)^direct +[0-9.]+ +1\\.00 ")
                .containsPattern("(?m)^culvert-gre +[0-9.]+ +0\\.[0-9]+ ")
                .contains("Throughput", "Round trip", "Losses", "Cost", "Java")
                .doesNotContain("failed");
        assertThat(outcome.stderr()).contains("round 1 of 1: culvert-gre: TCP ");
        assertThatJsonIsComplete();
        assertThat(Files.readString(directory.resolve("bench.html")))
                .contains("<svg class=\"curves\"", "culvert-gre", "</html>");
        assertThat(Files.readString(directory.resolve("culvert-gre.hgrm")))
                .contains("Percentile", "#[Mean");
        assertThat(directory.resolve("direct.hgrm")).isNotEmptyFile();
        assertThatNothingIsLeftOf(bench);
    }

    @Test
    void anInterruptedRunReportsWhatItHasAndCleansUp() {
        BackgroundProcess bench = bench("--only direct,culvert-gre --duration 1 -o " + directory);
        bench.awaitLine(
                bench.stderr(), 0, line -> line.startsWith("round 1 of 5: direct"), PATIENCE);

        bench.signal("INT");
        Outcome outcome = bench.awaitEnd(PATIENCE);

        assertThat(outcome.exitStatus()).isEqualTo(130);
        assertThat(outcome.stdout())
                .containsPattern("(?m)^direct +[0-9.]+ +1\\.00 ")
                .contains("Interrupted: 5 rounds were planned.");
        assertThat(directory.resolve("bench.json")).isNotEmptyFile();
        assertThatNothingIsLeftOf(bench);
    }

    @Test
    void aRunThatIsInterruptedAtOnceSaysThatItHasNothing() {
        BackgroundProcess bench = bench("--only direct -o " + directory);
        Eventually.isTrue(
                "it has begun",
                () ->
                        host.run("ip netns list")
                                .stdout()
                                .contains("culvert-bench-" + bench.pid() + "-right"));

        bench.signal("INT");
        Outcome outcome = bench.awaitEnd(PATIENCE);

        assertThat(outcome.exitStatus()).isEqualTo(130);
        assertThat(outcome.stdout())
                .isEqualTo("Interrupted in round 1 of 5, before anything was measured.\n");
        assertThat(directory).isEmptyDirectory();
        assertThatNothingIsLeftOf(bench);
    }

    @Test
    void theListMarksTheTunnelsThatThisKernelDoesNotMake() {
        List<String> lines = bench("--list").awaitEnd(PATIENCE).orThrow().stdout().lines().toList();

        for (String kind : List.of("gre", "ipip", "vxlan")) {
            String more = kind.equals("vxlan") ? " id 42 dstport 4789 dev lo" : "";
            String link =
                    "ip link add t0 type " + kind + " local 192.0.2.1 remote 192.0.2.2" + more;
            boolean isMade = host.attempt(link.split(" ")).succeeded();
            host.attempt("ip", "link", "del", "t0");
            assertThat(lines)
                    .filteredOn(line -> line.startsWith("kernel-" + kind + " "))
                    .singleElement()
                    .matches(
                            line -> line.contains(" (absent: this kernel makes no ") != isMade,
                            kind + (isMade ? " is made" : " is not made"));
        }
    }

    private void assertThatJsonIsComplete() throws Exception {
        Map<?, ?> report = (Map<?, ?>) Json.read(Files.readString(directory.resolve("bench.json")));
        List<?> contenders = (List<?>) report.get("contenders");
        assertThat(contenders).hasSize(3);
        Map<?, ?> culvert = (Map<?, ?>) contenders.get(1);
        assertThat(culvert.get("failures")).isEqualTo(List.of());
        Map<?, ?> metrics = (Map<?, ?>) culvert.get("metrics");
        for (Metric metric : Metric.values()) {
            // without iperf3 nobody counts retransmissions
            if (metric != Metric.RETRANSMISSIONS) {
                assertThat(metrics.containsKey(metric.key())).as("%s", metric).isTrue();
            }
        }
        Map<?, ?> tcp = (Map<?, ?>) metrics.get("tcp-1");
        assertThat((BigDecimal) tcp.get("median")).isPositive();
        assertThat(((Map<?, ?>) report.get("environment")).keySet().toString())
                .contains("kernel", "Java", "processors");
    }

    private void assertThatNothingIsLeftOf(BackgroundProcess bench) {
        String prefix = "culvert-bench-" + bench.pid();
        assertThat(host.run("ip netns list").stdout()).doesNotContain(prefix);
        assertThat(host.attempt("pgrep", "-f", prefix).stdout()).isEmpty();
    }

    private BackgroundProcess bench(String options) {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.add("bench");
        command.addAll(List.of(options.split(" ")));
        return host.start(command.toArray(String[]::new));
    }
}

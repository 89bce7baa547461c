package io.culvert.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.endtoend.report.Environment;
import io.culvert.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoopRunTest {
    private final List<Integer> progress = new ArrayList<>();

    @Test
    void everyPacketOfEveryCaseComesOutAndLeavesNoGarbage() throws InterruptedException {
        List<LoopMeasured> results = run(LoopCase.usual(), 2);

        assertThat(results).hasSameSizeAs(LoopCase.usual());
        assertThat(results)
                .allSatisfy(
                        measured -> {
                            assertThat(measured.lostPackets()).isZero();
                            assertThat(measured.rounds()).hasSize(2);
                            assertThat(measured.bothNanos().least()).isPositive();
                            // nothing per packet; the two readings of the counter may cost a little
                            assertThat(measured.allocatedBytes().least()).isLessThan(0.5);
                        });
        assertThat(progress).containsExactly(0, 1, 2);
    }

    @Test
    void theTableAndTheJsonSayTheSame() throws InterruptedException {
        List<LoopMeasured> results = run(List.of(new LoopCase("gre key 7", 1400)), 1);

        assertThat(LoopReport.text(results))
                .containsPattern("(?m)^tunnel +bytes +ns/packet .* B/packet$")
                .containsPattern("(?m)^gre key 7 +1400 +[0-9.]+ +[0-9.]+ ")
                .doesNotContain("did not come out");
        Map<?, ?> json =
                (Map<?, ?>) Json.read(LoopReport.json(results, new Environment(Map.of("a", "b"))));
        Map<?, ?> only = (Map<?, ?>) ((List<?>) json.get("cases")).get(0);
        assertThat(only.get("tunnel")).isEqualTo("gre key 7");
        assertThat(only.get("lostPackets")).hasToString("0");
        assertThat(json.get("environment")).isEqualTo(Map.of("a", "b"));
    }

    @Test
    void aRunThatIsEndedKeepsTheTurnsThatItHad() throws InterruptedException {
        List<LoopCase> cases = List.of(new LoopCase("gre", 64), new LoopCase("ipip", 64));
        assertThat(runUntil(0, new LoopRun(cases))).noneMatch(LoopMeasured::hasRounds);
        assertThat(runUntil(2, new LoopRun(cases)))
                .allSatisfy(measured -> assertThat(measured.rounds()).hasSize(1));
    }

    /** Ended as that round begins. */
    private static List<LoopMeasured> runUntil(int last, LoopRun run) throws InterruptedException {
        return run.run(
                5,
                Duration.ofMillis(1),
                round -> {
                    if (round == last) {
                        run.end();
                    }
                });
    }

    private List<LoopMeasured> run(List<LoopCase> cases, int rounds) throws InterruptedException {
        return new LoopRun(cases).run(rounds, Duration.ofMillis(10), progress::add);
    }
}

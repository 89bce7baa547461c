package io.culvert.endtoend.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.endtoend.Measured;
import io.culvert.endtoend.Plan;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FailuresTest {
    private final Measured ours = new Measured("culvert-gre", "culvert run");
    private final Measured theirs = new Measured("kernel-gre", "the kernel's own gre");

    private List<String> failures() {
        Environment environment = new Environment(Map.of());
        List<Measured> both = List.of(ours, theirs);
        return Failures.of(new Results(environment, Plan.QUICK, 3, both, null, "iperf3"));
    }

    @Test
    void whatFailsRoundByRoundIsSaidOnceWithItsRounds() {
        for (int round = 1; round <= 3; round++) {
            ours.addFailure(round, "TCP, 1 stream: iperf3: no route");
        }
        ours.addFailure(3, "round trips: none came back");

        assertThat(failures())
                .containsExactly(
                        "culvert-gre failed in 3 rounds (1, 2, 3): TCP, 1 stream: iperf3: no route",
                        "culvert-gre failed in round 3: round trips: none came back");
    }

    @Test
    void whatFailsForSeveralContendersIsSaidOnceWithTheirNames() {
        ours.addFailure(1, "iperf3: no route");
        theirs.addFailure(1, "iperf3: no route");
        theirs.addFailure(2, "iperf3: no route");

        assertThat(failures())
                .containsExactly(
                        "culvert-gre failed in round 1, kernel-gre failed in 2 rounds (1, 2):"
                                + " iperf3: no route");
    }

    @Test
    void theDirectoryOfATurnMakesNoDifference() {
        ours.addFailure(1, "java -Xlog:gc:file=/tmp/culvert-bench-77-123/left.gc run: no memory");
        ours.addFailure(2, "java -Xlog:gc:file=/tmp/culvert-bench-77-456/left.gc run: no memory");

        assertThat(failures())
                .containsExactly(
                        "culvert-gre failed in 2 rounds (1, 2): java"
                                + " -Xlog:gc:file=/tmp/culvert-bench-77-123/left.gc run: no memory");
    }

    @Test
    void whereNothingFailedNothingIsSaid() {
        assertThat(failures()).isEmpty();
    }
}

package io.culvert.endtoend.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.endtoend.Measured;
import io.culvert.endtoend.Metric;
import io.culvert.endtoend.Plan;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TextReportTest {
    @Test
    void mediansStandWithTheirSpreadAndTheRatioToTheBaseline() {
        assertThat(TextReport.of(Runs.three()))
                .startsWith(
                        """
                        Throughput
                        contender    TCP, 1 stream, Gb/s     x  TCP, 4 streams, Gb/s  64-byte UDP without loss, kpps
                        direct       20.00 (18.00-22.00)  1.00                     -                               -
                        culvert-gre     2.50 (2.00-3.00)  0.13                     -                               -
                        """);
    }

    @Test
    void whatFailedAndWhatIsAbsentIsSaid() {
        assertThat(TextReport.of(Runs.three()))
                .contains(
                        "kernel-gre is absent: this kernel makes no gre device\n",
                        "culvert-gre failed in round 3: TCP, 1 stream: iperf3: <no> & never\n",
                        "Medians of 3 rounds (least-most).\n",
                        "x: multiple of direct.\n");
    }

    @Test
    void lossesHaveATableOfTheirOwn() {
        assertThat(TextReport.of(Runs.three()))
                .containsPattern(
                        "Losses\ncontender +probes lost .*\ndirect +- .*\nculvert-gre +4 ");
    }

    @Test
    void aTableWithoutAnyValueIsLeftOut() {
        assertThat(TextReport.of(Runs.three())).doesNotContain("Java", "Cost");
    }

    @Test
    void oneRoundHasNoSpreadAndAnInterruptedRunSaysSo() {
        Measured only = new Measured("direct", "no tunnel");
        only.add(Metric.TCP_ONE_STREAM, 5);
        Results results =
                new Results(
                        new Environment(Map.of("load when it began", "1.50")),
                        Plan.USUAL,
                        1,
                        List.of(only),
                        null,
                        "iperf3");

        assertThat(TextReport.of(results))
                .contains("direct                    5.00  ", "One round, so there is no spread.\n")
                .contains("Interrupted: 5 rounds were planned.\n")
                .contains("Beware: the machine was busy")
                .doesNotContain("(5.00", "multiple of");
    }

    @Test
    void anInterruptedRunShowsTheRowsItHasAndNamesThoseItDidNotReach() {
        Measured direct = new Measured("direct", "no tunnel");
        direct.add(Metric.TCP_ONE_STREAM, 5);

        assertThat(text(1, direct, new Measured("culvert-gre", "")))
                .contains("direct                    5.00  ", "\n\nculvert-gre was not reached\n\n")
                .contains("Interrupted: 5 rounds were planned.\n")
                .doesNotContainPattern("culvert-gre +-");
    }

    @Test
    void withoutAnyValueThereIsNoLegend() {
        Measured failed = new Measured("direct", "no tunnel");
        failed.addFailure(1, "ip: no such program");

        assertThat(text(1, new Measured("direct", "no tunnel")))
                .isEqualTo("Interrupted in round 1 of 5, before anything was measured.\n");
        assertThat(text(5, failed))
                .isEqualTo(
                        "direct failed in round 1: ip: no such program\n\nNothing was measured.\n");
    }

    private static String text(int roundsBegun, Measured... contenders) {
        Environment environment = new Environment(Map.of());
        return TextReport.of(
                new Results(
                        environment,
                        Plan.USUAL,
                        roundsBegun,
                        List.of(contenders),
                        contenders[0],
                        "iperf3"));
    }
}

package io.culvert.endtoend.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.json.Json;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonReportTest {
    private final Map<?, ?> report = (Map<?, ?>) Json.read(JsonReport.of(Runs.three()));

    @Test
    void everyRoundsValueIsKept() {
        Map<?, ?> tcp = (Map<?, ?>) metrics(0).get("tcp-1");

        assertThat(tcp.get("unit")).isEqualTo("Gb/s");
        assertThat(tcp.get("median")).isEqualTo(new BigDecimal("20"));
        assertThat(tcp.get("values"))
                .isEqualTo(
                        List.of(new BigDecimal("20"), new BigDecimal("22"), new BigDecimal("18")));
    }

    @Test
    void whatWasNotMeasuredIsNotThere() {
        assertThat(metrics(0).keySet()).hasToString("[tcp-1, rtt-p50]");
        assertThat(metrics(2)).isEmpty();
    }

    @Test
    void ratiosFailuresAndAbsencesAreThere() {
        assertThat(((Map<?, ?>) metrics(1).get("tcp-1")).get("ratio"))
                .isEqualTo(new BigDecimal("0.125"));
        assertThat(contender(1).get("failures"))
                .isEqualTo(List.of("round 3: TCP, 1 stream: iperf3: <no> & never"));
        assertThat(contender(0).get("failures")).isEqualTo(List.of());
        assertThat(contender(2).get("absent")).isEqualTo("this kernel makes no gre device");
        assertThat(contender(0).containsKey("absent")).isFalse();
    }

    @Test
    void itSaysWhereItComesFrom() {
        assertThat(((Map<?, ?>) report.get("environment")).get("kernel")).isEqualTo("6.1");
        assertThat(((Map<?, ?>) report.get("plan")).get("tcpLoad")).isEqualTo("iperf3");
        assertThat(report.get("baseline")).isEqualTo("direct");
    }

    private Map<?, ?> contender(int index) {
        return (Map<?, ?>) ((List<?>) report.get("contenders")).get(index);
    }

    private Map<?, ?> metrics(int index) {
        return (Map<?, ?>) contender(index).get("metrics");
    }
}

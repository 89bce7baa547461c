package io.culvert.endtoend.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.endtoend.host.CommandFailure;
import io.culvert.json.Json;
import java.util.Map;
import org.junit.jupiter.api.Test;

class Iperf3Test {
    // the parts that count of what iperf3 3.12 wrote
    private static final String REPORT =
            """
            {"start": {"version": "iperf 3.12"}, "intervals": [], "end": {"streams": [],
              "sum_sent": {"start": 0, "end": 3.000071, "seconds": 3.000071, "bytes": 1000000000,
                "bits_per_second": 2.66e9, "retransmits": 17, "sender": true},
              "sum_received": {"start": 0, "end": 3.04, "seconds": 3.2, "bytes": %d,
                "bits_per_second": 2.5e9, "sender": true}}}
            """;

    @Test
    void whatArrivedCountsAndNotWhatWasSent() {
        TcpTransfer transfer = Iperf3.transfer(report(1_000_000_000));

        assertThat(transfer).isEqualTo(new TcpTransfer(1_000_000_000, 3.2, 17));
        assertThat(transfer.gigabitsPerSecond()).isEqualTo(2.5);
        assertThat(transfer.gigabytes()).isEqualTo(1);
    }

    @Test
    void nothingIsAFailureAndNotZero() {
        assertThatThrownBy(() -> Iperf3.transfer(report(0)))
                .isInstanceOf(CommandFailure.class)
                .hasMessage("iperf3: nothing arrived");
    }

    private static Map<?, ?> report(long bytes) {
        return (Map<?, ?>) Json.read(REPORT.formatted(bytes));
    }
}

package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Many tunnels end together: the kernel waits some 20 ms for each device that goes, and would do so
 * for one after another.
 */
@NeedsRoot(programs = {})
@Timeout(100)
class ManyTunnelsEndTest {
    private static final int TUNNELS = 200;

    /** One after another they take 4.7 s. */
    private static final Duration BOUND = Duration.ofSeconds(2);

    @ParameterizedTest
    @CsvSource({"1, TERM", "2, INT"})
    void twoHundredEndInAMoment(int lanes, String signal) {
        List<String> lines =
                IntStream.rangeClosed(1, TUNNELS)
                        .mapToObj(
                                i ->
                                        "t%d mode gre local 127.0.0.1 remote 127.0.%d.%d key %d"
                                                .formatted(i, i / 100 + 1, i % 100 + 1, i))
                        .toList();
        try (NetworkNamespace host = NetworkNamespace.create("many");
                CulvertProcess culvert =
                        CulvertProcess.startFile(host, lines, "--lanes", "" + lanes)) {
            culvert.awaitUp();
            long before = System.nanoTime();
            Outcome outcome = culvert.end(signal);
            Duration took = Duration.ofNanos(System.nanoTime() - before);

            assertThat(outcome.orThrow().stderr()).isEmpty();
            assertThat(CulvertProcess.lastSummary("t200", outcome).drops()).isEmpty();
            assertThat(host.exec("ip", "-br", "link", "show", "type", "tun").stdout()).isBlank();
            assertThat(took).isLessThan(BOUND);
        }
    }
}

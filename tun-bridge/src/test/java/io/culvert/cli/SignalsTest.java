package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals to a process of its own, whose tunnels carry nothing. */
final class SignalsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int SUMMARY_LINES = 4;

    private BackgroundProcess process;

    @BeforeEach
    void start() {
        List<String> command = new ArrayList<>(CulvertProcess.java(FakeTunnels.class.getName()));
        command.addAll(List.of("run", "tun0", "mode", "gre", "remote", "192.0.2.2"));
        process = BackgroundProcess.start("signals", command);
        assertThat(awaitLine(0)).startsWith("tun0: up, ");
    }

    @AfterEach
    void end() {
        process.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "HUP"})
    void anEndingSignalPrintsTheSummaryAndExitsWith0(String signal) {
        process.signal(signal);

        assertSummary(1);
        assertEndedAfterSummaries(1);
    }

    @Test
    void sigusr1PrintsTheSummaryAndTheTunnelsGoOn() {
        process.signal("USR1");
        assertSummary(1);
        process.signal("USR1");
        assertSummary(2);
        assertThat(process.isAlive()).isTrue();

        process.signal("TERM");
        assertSummary(3);
        assertEndedAfterSummaries(3);
    }

    private void assertSummary(int number) {
        int last = number * SUMMARY_LINES;
        awaitLine(last);
        assertThat(process.stdout().lines().subList(last - SUMMARY_LINES + 1, last + 1))
                .containsExactly(
                        "tun0 up 1.000 seconds",
                        "tun0 in " + number + " packets 0 bytes",
                        "tun0 out 0 packets 0 bytes",
                        "lane/0 in 0 packets");
    }

    private void assertEndedAfterSummaries(int summaries) {
        Outcome outcome = process.awaitEnd(PATIENCE);
        assertThat(outcome.exitStatus()).isZero();
        assertThat(outcome.stdout().lines()).hasSize(1 + summaries * SUMMARY_LINES);
        assertThat(outcome.stderr()).isEmpty();
    }

    /** Waits for a line of standard output, the first of which has the index 0. */
    private String awaitLine(int index) {
        return process.awaitLine(process.stdout(), index, line -> true, PATIENCE);
    }
}

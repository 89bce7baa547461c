package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals to a process of its own, whose tunnels carry nothing. */
final class SignalsTest {
    private Process process;
    private BufferedReader stdout;

    @BeforeEach
    void start() throws IOException {
        process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                FakeTunnels.class.getName(),
                                "run",
                                "tun0",
                                "mode",
                                "gre",
                                "remote",
                                "192.0.2.2")
                        .start();
        stdout = process.inputReader(StandardCharsets.UTF_8);
        assertThat(stdout.readLine()).startsWith("tun0: up, ");
    }

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "HUP"})
    void anEndingSignalPrintsTheSummaryAndExitsWith0(String signal) throws Exception {
        send(signal);

        assertSummary(1);
        assertThat(stdout.readLine()).isNull();
        assertThat(process.waitFor()).isZero();
        assertThat(process.errorReader().lines()).isEmpty();
    }

    @Test
    void sigusr1PrintsTheSummaryAndTheTunnelsGoOn() throws Exception {
        send("USR1");
        assertSummary(1);
        send("USR1");
        assertSummary(2);
        assertThat(process.isAlive()).isTrue();

        send("TERM");
        assertSummary(3);
        assertThat(stdout.readLine()).isNull();
        assertThat(process.waitFor()).isZero();
        assertThat(process.errorReader().lines()).isEmpty();
    }

    private void assertSummary(int number) throws IOException {
        assertThat(
                        List.of(
                                stdout.readLine(),
                                stdout.readLine(),
                                stdout.readLine(),
                                stdout.readLine()))
                .containsExactly(
                        "tun0 up 1.000 seconds",
                        "tun0 in " + number + " packets 0 bytes",
                        "tun0 out 0 packets 0 bytes",
                        "lane/0 in 0 packets");
    }

    private void send(String signal) throws Exception {
        String kill = "kill -s " + signal + " " + process.pid();
        assertThat(new ProcessBuilder("sh", "-c", kill).start().waitFor()).isZero();
    }
}

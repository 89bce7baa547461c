package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.CulvertSummary;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How {@code culvert run} begins and ends: signals, exit status, what it writes and where. */
@NeedsRoot(programs = "ping")
@Timeout(60)
class RunLifeTest {
    private static final String WORDS =
            "mode gre remote 192.0.2.2 local 192.0.2.1 address 198.51.100.1/24";

    private static Cable cable;
    private static NetworkNamespace left;

    @BeforeAll
    static void layTheCable() {
        cable = new Cable();
        left = cable.left();
        CulvertProcess.run(
                cable.right(), "cvt0", "mode gre remote 192.0.2.1 address 198.51.100.2/24");
    }

    @AfterAll
    static void takeAwayTheCable() {
        cable.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "HUP"})
    void aSignalEndsItWithASummaryAndTakesTheDeviceAway(String signal) {
        CulvertProcess culvert = CulvertProcess.run(left, "cvt0", WORDS + " route 203.0.113.0/24");
        assertThat(left.run("ip route show dev cvt0").stdout()).contains("203.0.113.0/24");
        assertThat(Pinging.output(left, "198.51.100.2", 2)).contains("2 received");

        Outcome end = culvert.end(signal);

        assertThat(end.exitStatus()).isZero();
        assertThat(end.stderr()).isEmpty();
        CulvertSummary summary = CulvertProcess.lastSummary("cvt0", end);
        assertThat(summary.packetsIn()).isEqualTo(2);
        assertThat(summary.packetsOut()).isEqualTo(2);
        assertThat(summary.drops()).isEmpty();
        assertThat(summary.packetsOfNoTunnel()).isEmpty();
        assertThat(left.attempt("ip", "link", "show", "cvt0").succeeded()).isFalse();
    }

    /** What runs on this JVM is watched by every other test. */
    @Test
    void itWarnsOfNothingOnAYoungerJdk() {
        Path java = Path.of("/usr/lib/jvm/temurin-25-jdk-amd64/bin/java");
        assumeTrue(Files.isExecutable(java), "there is no " + java);
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.set(0, java.toString());
        command.add(1, "--enable-native-access=ALL-UNNAMED"); // the jar's manifest says the same
        command.addAll(List.of("run", "cvt0"));
        command.addAll(List.of(WORDS.split(" ")));
        BackgroundProcess culvert = left.start(command.toArray(String[]::new));
        culvert.awaitLine(
                culvert.stdout(), 0, line -> line.startsWith("cvt0: up"), Duration.ofSeconds(30));
        assertThat(Pinging.answers(left, "198.51.100.2")).isTrue();

        Outcome end = culvert.end("TERM");
        assertThat(end.exitStatus()).isZero();
        assertThat(end.stderr()).isEmpty();
        assertThat(CulvertProcess.lastSummary("cvt0", end).packetsIn()).isEqualTo(1);
    }

    @Test
    void aDeletedDeviceEndsItWithOneLineAndASummary() {
        CulvertProcess culvert = CulvertProcess.run(left, "cvt0", WORDS);
        assertThat(Pinging.answers(left, "198.51.100.2")).isTrue();
        left.run("ip link del cvt0");

        Outcome end = culvert.awaitEnd();

        assertThat(end.exitStatus()).isEqualTo(1);
        assertThat(end.stderr().lines()).hasSize(1);
        assertThat(end.stderr()).startsWith("culvert: cvt0: ").contains("somebody deleted it");
        assertThat(CulvertProcess.lastSummary("cvt0", end).packetsOut()).isEqualTo(1);
    }

    @Test
    void whenOneOfSeveralDevicesIsDeletedTheOthersCarryOn() {
        CulvertProcess culvert =
                CulvertProcess.startFile(
                        left, List.of("cvt0 " + WORDS, "other mode ipip remote 192.0.2.2"));
        culvert.awaitUp();
        left.run("ip link del other");
        culvert.awaitComplaint(0, line -> line.startsWith("culvert: other: "));
        assertThat(Pinging.output(left, "198.51.100.2", 2)).contains("2 received");

        Outcome end = culvert.end("TERM");
        assertThat(end.exitStatus()).isZero();
        assertThat(end.stderr().lines()).hasSize(1);
        assertThat(CulvertProcess.lastSummary("cvt0", end).drops()).isEmpty();
    }

    @Test
    void aRenamedDeviceCarriesOn() {
        CulvertProcess culvert = CulvertProcess.run(left, "cvt0", WORDS);
        left.run("ip link set cvt0 down");
        left.run("ip link set cvt0 name office");
        left.run("ip link set office up");
        Eventually.isTrue("it carries", () -> Pinging.answers(left, "198.51.100.2"));
        assertThat(culvert.stop().packetsIn()).isGreaterThanOrEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    mode ipip remote 192.0.2.2 key 5              | 64 | key
                    mode gre remot 192.0.2.2                      | 64 | did you mean "remote"
                    """)
    void whatCannotRunIsSaidInOneLine(String words, int exitStatus, String sentence) {
        Outcome end = CulvertProcess.refuse(left, "cvt0", words);
        assertThat(end.exitStatus()).isEqualTo(exitStatus);
        assertThat(end.stdout()).isEmpty();
        assertThat(end.stderr()).contains(sentence);
        assertThat(end.stderr().lines()).hasSize(1);
        assertThat(left.attempt("ip", "link", "show", "cvt0").succeeded()).isFalse();
    }

    @Test
    void aNameThatIsTakenIsRefusedAndTheOtherTunnelCarriesOn() {
        CulvertProcess first = CulvertProcess.run(left, "cvt0", WORDS);
        Outcome second = CulvertProcess.refuse(left, "cvt0", "mode gre remote 192.0.2.7");
        assertThat(second.exitStatus()).isEqualTo(1);
        assertThat(second.stderr().lines()).hasSize(1);
        assertThat(second.stderr()).contains("cvt0", "EBUSY", "holds it");
        assertThat(Pinging.answers(left, "198.51.100.2")).isTrue();
        assertThat(first.stop().drops()).isEmpty();
    }

    /** Packets do not wait until everything is ready, nor stop before it is closed. */
    @Test
    void startAndEndInTheMiddleOfAStreamLoseNoBatchAndBlameNoDevice() throws Exception {
        AtomicBoolean isEnough = new AtomicBoolean();
        try (OuterSender sender = OuterSender.in(cable.right())) {
            Thread stream = new Thread(() -> stream(sender, isEnough), "stream");
            stream.start();
            try {
                for (int i = 0; i < 3; i++) {
                    CulvertProcess culvert = CulvertProcess.run(left, "cvt0", WORDS);
                    culvert.awaitSummary("cvt0", s -> s.packetsIn() > 1000);
                    CulvertSummary end = culvert.stop();
                    assertThat(end.drops()).isEqualTo(Map.of());
                    assertThat(end.packetsIn()).isEqualTo(end.packetsRead());
                    assertThat(end.packetsOfNoTunnel()).isEmpty();
                }
            } finally {
                isEnough.set(true);
                stream.join();
            }
        }
    }

    private static void stream(OuterSender sender, AtomicBoolean isEnough) {
        while (!isEnough.get()) {
            sender.send(
                    47,
                    Cable.RIGHT,
                    Cable.LEFT,
                    "0000 0800 45000020 00004000 40010000 c6336402 c6336401"
                            + " 0000ffff 00000000 00000000");
        }
    }
}

package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code culvert trace} beside tunnels that run, as users start it. */
@NeedsRoot(programs = {"ping"})
@Timeout(120)
class TraceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String INSIDE = "198.51.100.";

    @TempDir private Path directory;
    private Cable cable;
    private CulvertProcess left;
    private CulvertProcess right;

    @BeforeEach
    void raiseTunnels() {
        cable = new Cable();
        left = tunnel(cable.left(), 1, "key 7");
        right = tunnel(cable.right(), 2, "key 7");
        left.awaitUp();
        right.awaitUp();
    }

    private static CulvertProcess tunnel(NetworkNamespace host, int end, String options) {
        return CulvertProcess.start(
                host,
                "tun0",
                "mode gre local 192.0.2.%d remote 192.0.2.%d address %s%d/30 %s"
                        .formatted(end, 3 - end, INSIDE, end, options));
    }

    @AfterEach
    void takeAwayTheCable() {
        cable.close();
    }

    private static BackgroundProcess trace(NetworkNamespace host, String... options) {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.add("trace");
        command.addAll(List.of(options));
        BackgroundProcess trace = host.start(command.toArray(String[]::new));
        trace.awaitLine(trace.stderr(), 0, line -> line.contains("watching tun0"), PATIENCE);
        return trace;
    }

    private static String awaitLine(BackgroundProcess trace, Predicate<String> wanted) {
        return trace.awaitLine(trace.stdout(), 0, wanted, PATIENCE);
    }

    @Test
    void aPingShowsBothSidesOfTheRequestAndOfTheReply() {
        BackgroundProcess trace = trace(cable.left(), "tun0", "--inner", "icmp");
        assertThat(Pinging.answers(cable.left(), INSIDE + 2)).isTrue();
        String request = awaitLine(trace, line -> line.contains("echo request"));
        String reply = awaitLine(trace, line -> line.contains("echo reply"));
        assertThat(request)
                .containsPattern(
                        "tun0 out +198.51.100.1 > 198.51.100.2 icmp echo request.*\\(84\\) =>"
                                + " 192.0.2.1 > 192.0.2.2 gre key 7 \\(112\\) +sent");
        assertThat(reply)
                .containsPattern(
                        "tun0 in +192.0.2.2 > 192.0.2.1 gre key 7 \\(112\\) =>"
                                + " 198.51.100.2 > 198.51.100.1 icmp echo reply.*\\(84\\) "
                                + " delivered");
        Outcome outcome = trace.end("INT");
        assertThat(outcome.exitStatus()).isZero();
        assertThat(outcome.stderr()).contains("2 packets shown").doesNotContain("skipped");
        assertThat(outcome.stdout()).doesNotContain("DROPPED");
    }

    @Test
    void aWrongKeyShowsADropAndItsReason() {
        right.close();
        tunnel(cable.right(), 2, "key 9").awaitUp();
        BackgroundProcess trace = trace(cable.left(), "--drops");
        assertThat(Pinging.answers(cable.right(), INSIDE + 1)).isFalse();
        String drop = awaitLine(trace, line -> line.contains("DROPPED"));
        assertThat(drop)
                .contains("tun0 in ")
                .contains("192.0.2.2 > 192.0.2.1 gre key 9 | 198.51.100.2 > 198.51.100.1 icmp")
                .contains("DROPPED key-mismatch: the packet's key is not the tunnel's");
        assertThat(trace.end("TERM").stdout()).doesNotContain("delivered").doesNotContain(" out ");
    }

    @Test
    @NeedsRoot(programs = {"capinfos", "tcpdump", "tshark"})
    void aCaptureFileIsWholeAndPairsTheSides() throws Exception {
        Path file = directory.resolve("trace.pcapng");
        BackgroundProcess trace = trace(cable.left(), "-w", file.toString(), "-c", "4");
        Pinging.output(cable.left(), INSIDE + 2, 2);
        Outcome outcome = trace.awaitEnd(PATIENCE);
        assertThat(outcome.exitStatus()).isZero();
        assertThat(outcome.stdout()).isEmpty();
        assertThat(Files.size(file)).isPositive();

        Outcome capinfos = cable.left().exec("capinfos", file.toString());
        assertThat(capinfos.stderr()).isEmpty();
        assertThat(capinfos.stdout())
                .contains("Name = inner", "Name = outer", "nanoseconds")
                .containsPattern("Number of packets: +8");
        Outcome damage =
                cable.left()
                        .exec(
                                "tshark",
                                "-n",
                                "-r",
                                file.toString(),
                                "-Y",
                                "_ws.malformed || _ws.expert.severity >= warning");
        assertThat(damage.stdout()).isEmpty();
        List<String> rows =
                cable.left()
                        .exec(
                                "tshark",
                                "-n",
                                "-r",
                                file.toString(),
                                "-T",
                                "fields",
                                "-e",
                                "frame.interface_name",
                                "-e",
                                "frame.comment",
                                "-e",
                                "icmp.type",
                                "-e",
                                "gre.key")
                        .stdout()
                        .lines()
                        .map(row -> row.replaceFirst(", after \\d+ [mu]s", ""))
                        .toList();
        Outcome tcpdump = cable.left().exec("tcpdump", "-n", "-r", file.toString());
        assertThat(tcpdump.stdout()).hasLineCount(8);
        assertThat(rows)
                .containsExactly(
                        "inner\t#1 tun0 out: sent\t8\t",
                        "outer\t#1 tun0 out: sent\t8\t0x00000007",
                        "outer\t#2 tun0 in: delivered\t0\t0x00000007",
                        "inner\t#2 tun0 in: delivered\t0\t",
                        "inner\t#3 tun0 out: sent\t8\t",
                        "outer\t#3 tun0 out: sent\t8\t0x00000007",
                        "outer\t#4 tun0 in: delivered\t0\t0x00000007",
                        "inner\t#4 tun0 in: delivered\t0\t");
    }

    @Test
    void whatComesTooFastIsSkippedAndCountedAndTheTunnelLosesNothing() {
        BackgroundProcess trace = trace(cable.left(), "-x", "-v", "-s", "1500");
        String flood =
                cable.left()
                        .exec(
                                "ping",
                                "-n",
                                "-q",
                                "-f",
                                "-c",
                                "20000",
                                "-s",
                                "1000",
                                "-l",
                                "64",
                                INSIDE + 2)
                        .stdout();
        Outcome outcome = trace.end("INT");
        assertThat(outcome.exitStatus()).isZero();
        assertThat(outcome.stderr()).containsPattern("\\d+ packets shown; .*\\d+ skipped");
        // each answer is a packet, and so was its question
        assertThat(sumOf("(\\d+) (?:packets shown|skipped)", outcome.stderr()))
                .isGreaterThanOrEqualTo(2 * sumOf("(\\d+) received", flood));
        assertThat(left.summary().drops()).isEmpty();
        assertThat(left.isAlive()).isTrue();
    }

    private static long sumOf(String number, String text) {
        return Pattern.compile(number)
                .matcher(text)
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .sum();
    }

    @Test
    void itEndsWithItsReaderAndWithTheTunnel() {
        BackgroundProcess trace = trace(cable.left());
        BackgroundProcess other = trace(cable.left(), "--json");
        left.end("TERM");
        assertThat(trace.awaitEnd(PATIENCE).exitStatus()).isZero();
        assertThat(other.awaitEnd(PATIENCE).stdout()).contains("{\"totals\":{\"seen\":0,");
    }

    @Test
    void whatIsWrongIsSaidAndNothingIsTraced() {
        assertThat(attempt("tun7").stderr()).contains("tun7");
        assertThat(attempt("--inner", "tcp prot 80").exitStatus()).isEqualTo(64);
        assertThat(attempt("--inner", "tcp prot 80").stderr()).contains("cannot use the filter");
        assertThat(attempt("--sample", "2/3").stderr()).contains("1/2 to");
        assertThat(attempt("-w", "/nowhere/x.pcapng").exitStatus()).isEqualTo(1);
    }

    private Outcome attempt(String... options) {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.add("trace");
        command.addAll(List.of(options));
        return cable.left().attempt(command.toArray(String[]::new));
    }
}

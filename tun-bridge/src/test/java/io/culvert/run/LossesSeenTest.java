package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.json.Json;
import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Packets that the kernel loses before or after the tunnel has them are counted and explained. */
@NeedsRoot(programs = {"ping", "python3", "tc"})
@Timeout(60)
class LossesSeenTest {
    private static final int BURST = 3000;
    private static final String SEND =
            """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for i in range(%d):
                s.sendto(b"x", ("198.51.100.2", 9))
            """
                    .formatted(BURST);

    /**
     * First fragments of packets whose rest never comes, each with an identification of its own.
     */
    private static final String FRAGMENTS =
            """
            import socket, struct
            s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            for i in range(%d):
                head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 44, i, 0x2000, 64, 47, 0,
                    socket.inet_aton("192.0.2.2"), socket.inet_aton("192.0.2.1"))
                s.sendto(head + bytes(24), ("192.0.2.1", 0))
            """;

    @TempDir private Path directory;
    private Cable cable;
    private NetworkNamespace left;
    private BackgroundProcess culvert;

    @BeforeEach
    void raiseTheTunnel() {
        cable = new Cable();
        left = cable.left();
        List<String> command = command("run", "--no-rehearsal");
        command.addAll(
                List.of("tun0 mode gre remote 192.0.2.2 address 198.51.100.1/30".split(" ")));
        culvert = left.start(command.toArray(String[]::new));
        culvert.awaitLine(
                culvert.stdout(), 0, line -> line.startsWith("tun0: up"), Duration.ofSeconds(20));
        Eventually.isTrue("it answers", () -> culvert("stats").succeeded());
    }

    @AfterEach
    void endAll() {
        cable.close();
    }

    private List<String> command(String verb, String... options) {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.addAll(List.of(verb, "--control", directory.toString()));
        command.addAll(List.of(options));
        return command;
    }

    private Outcome culvert(String verb, String... options) {
        return left.attempt(command(verb, options).toArray(String[]::new));
    }

    private Map<?, ?> tunnel() {
        Map<?, ?> answer = (Map<?, ?>) Json.read(culvert("stats", "--json").orThrow().stdout());
        return (Map<?, ?>) ((List<?>) answer.get("tunnels")).get(0);
    }

    private long transmitDropped() {
        String shown = left.run("ip -s -j link show tun0").stdout();
        return Long.parseLong(
                shown.replaceAll("(?s).*\"tx\":\\{[^}]*\"dropped\":([0-9]+).*", "$1"));
    }

    @Test
    void aQueueThatOverflowsIsCountedAndItsCureWorks() {
        left.run("ip link set tun0 txqueuelen 100");
        culvert.signal("STOP");
        left.exec("python3", "-c", SEND);
        culvert.signal("CONT");
        long lost = transmitDropped();
        assertThat(lost).isGreaterThan(BURST / 2);

        String stats = culvert("stats").orThrow().stdout();
        assertThat(stats)
                .containsPattern("drop device-queue-full +" + lost + "  the device's queue");
        Map<?, ?> sent = (Map<?, ?>) tunnel().get("sent");
        assertThat(((Number) sent.get("dropped")).longValue()).isEqualTo(lost);
        assertThat(tunnel().get("drops").toString()).contains("device-queue-full");

        Outcome doctor = culvert("doctor", "--probe", "0", "tun0");
        String cure = "ip link set tun0 txqueuelen 400";
        assertThat(doctor.stdout())
                .contains("device-queue-full", "TX dropped " + lost + ", with room for 100", cure);

        left.run("ip link set tun0 txqueuelen " + 2 * BURST);
        culvert.signal("STOP");
        left.exec("python3", "-c", SEND);
        culvert.signal("CONT");
        assertThat(transmitDropped()).isEqualTo(lost);
        assertThat(culvert("doctor", "--probe", "0", "tun0").stdout())
                .doesNotContain("device-queue-full");

        assertThat(culvert.end("TERM").stdout()).contains("tun0 drop device-queue-full " + lost);
    }

    @Test
    void whatTheDisciplineInFrontOfTheDeviceDropsIsCounted() {
        left.run("tc qdisc replace dev tun0 root tbf rate 8kbit burst 1600 limit 1600");
        left.exec("python3", "-c", SEND);
        String lost =
                left.run("tc -s qdisc show dev tun0")
                        .stdout()
                        .replaceAll("(?s).*dropped ([0-9]+),.*", "$1");
        assertThat(Long.parseLong(lost)).isBetween(BURST / 2L, (long) BURST);

        assertThat(culvert("stats").orThrow().stdout())
                .containsPattern("drop device-qdisc +" + lost + "  the device's queueing");
        assertThat(culvert("doctor", "--probe", "0", "tun0").stdout())
                .contains("device-qdisc-drops", "tc -s qdisc show dev tun0: dropped " + lost);
    }

    @Test
    void fragmentsThatDoNotBecomePacketsAreTheKernelsLossAndSaid() {
        left.run("sysctl -qw net.ipv4.ipfrag_low_thresh=1000 net.ipv4.ipfrag_high_thresh=2000");
        cable.right().exec("python3", "-c", FRAGMENTS.formatted(50));

        String stats = culvert("stats").orThrow().stdout();
        assertThat(stats)
                .containsPattern(
                        "kernel: Ip.ReasmFails \\+[0-9]+: fragments did not become a packet")
                .contains("try: make the peer's tunnel fragment less");
        Map<?, ?> answer = (Map<?, ?>) Json.read(culvert("stats", "--json").stdout());
        Map<?, ?> process = (Map<?, ?>) ((List<?>) answer.get("processes")).get(0);
        assertThat(process.get("kernel-drops").toString()).contains("counter=Ip.ReasmFails");
    }
}

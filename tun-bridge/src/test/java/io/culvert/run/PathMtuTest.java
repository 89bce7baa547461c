package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.CulvertSummary;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.PacketCapture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A router on the way has a link of MTU 1300: inner senders, on the tunnel's host and behind it,
 * hear of it, and whatever may be fragmented arrives in fragments.
 */
@NeedsRoot(programs = {"ping", "tcpdump", "socat"})
@Timeout(60)
class PathMtuTest {
    /** The tunnel of row n leads to 192.0.2.(129 + n) and has 198.51.100.(4n + 1) at its left. */
    private static final List<String> TUNNELS =
            List.of(
                    "gre mode gre",
                    "keyed mode gre key 7 csum",
                    "ipip mode ipip",
                    "sit mode sit",
                    "copied mode gre nopmtudisc ttl 64",
                    "ignored mode gre nopmtudisc ignore-df ttl 64",
                    "clear mode gre",
                    "tcp mode gre",
                    "afar mode gre",
                    "sitclear mode sit nopmtudisc ttl 64",
                    "sitlow mode sit",
                    "grelow mode gre");

    private static NarrowPath path;
    private static CulvertProcess culvert;

    @BeforeAll
    static void raiseTunnels() {
        path = new NarrowPath(1300);
        path.narrow(right("sitlow"), 1200);
        path.narrow(right("grelow"), 1200);
        culvert = CulvertProcess.startFile(path.left(), tunnels(1));
        CulvertProcess peer = CulvertProcess.startFile(path.right(), tunnels(2));
        culvert.awaitUp();
        peer.awaitUp();
    }

    private static List<String> tunnels(int side) {
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < TUNNELS.size(); row++) {
            String words = TUNNELS.get(row);
            String right = "192.0.2." + (NarrowPath.FIRST_RIGHT + row);
            String ends =
                    side == 1
                            ? " local " + NarrowPath.LEFT + " remote " + right
                            : " local " + right + " remote " + NarrowPath.LEFT;
            String ipv4 = " address 198.51.100.%d/30".formatted(4 * row + side);
            String ipv6 = " address 2001:db8:0:%d::%d/64".formatted(row, side);
            boolean carriesIpv4 = !words.contains("mode sit");
            boolean carriesIpv6 = !words.contains("mode ipip");
            lines.add(words + ends + (carriesIpv4 ? ipv4 : "") + (carriesIpv6 ? ipv6 : ""));
        }
        return lines;
    }

    @AfterAll
    static void takeAwayThePath() {
        path.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gre 1276", "keyed 1268", "ipip 1280"})
    void aLocalIpv4SenderThatForbidsFragmentsHearsThePathsMtu(String tunnelAndMtu) {
        String tunnel = tunnelAndMtu.split(" ")[0];
        int mtu = Integer.parseInt(tunnelAndMtu.split(" ")[1]);
        String output = Pinging.output(path.left(), ipv4(tunnel), 4, "-M", "do", "-s", "1400");
        assertThat(output).contains("(mtu = " + mtu + ")").contains("0 received");
        assertThat(Pinging.answers(path.left(), ipv4(tunnel), "-M", "do", "-s", "" + (mtu - 28)))
                .isTrue();
        CulvertSummary summary = culvert.summary(tunnel);
        assertThat(summary.icmpErrorsIn()).isGreaterThanOrEqualTo(1);
        assertThat(summary.icmpErrorsOut()).isGreaterThanOrEqualTo(1);
        // a host that forwards reports its multicast groups by IPv6, whatever the tunnel carries
        assertThat(summary.drops().keySet())
                .isSubsetOf("too-big", "underlay-too-big", "payload-not-carried");
    }

    @Test
    void aLocalIpv6SenderHearsThePathsMtu() {
        String output = Pinging.output(path.left(), ipv6("sit"), 4, "-M", "do", "-s", "1400");
        assertThat(output).contains("Packet too big: mtu=1280").contains("0 received");
        assertThat(Pinging.answers(path.left(), ipv6("sit"), "-M", "do", "-s", "1232")).isTrue();
        // the answer's sender has to hear of its path, too
        Eventually.isTrue(
                "IPv6 fragments pass",
                () -> Pinging.answers(path.left(), ipv6("sit"), "-M", "want", "-s", "1400"));
    }

    /** No IPv6 sender goes below 1280 bytes, so a 6in4 tunnel lets the path fragment (RFC 4213). */
    @Test
    void a6in4TunnelCarries1280BytesOverAPathThatDoesNot() {
        Pinging.output(path.left(), ipv6("sitlow"), 2, "-M", "do", "-s", "1232");
        assertThat(Pinging.output(path.left(), ipv6("sitlow"), 3, "-M", "do", "-s", "1232"))
                .contains("3 received");
        assertThat(Pinging.output(path.left(), ipv6("sitlow"), 3, "-M", "do", "-s", "1400"))
                .contains("Packet too big: mtu=1280");
        assertThat(culvert.summary("sitlow").drops().keySet()).isSubsetOf("too-big");
    }

    @Test
    void ipv6InGreOverAPathBelow1280IsCountedAndNotAnswered() {
        assertThat(Pinging.output(path.left(), ipv6("grelow"), 4, "-M", "do", "-s", "1232"))
                .contains("0 received")
                .doesNotContain("too big");
        assertThat(culvert.summary("grelow").drops()).containsKey("too-big-unanswered");
        assertThat(Pinging.answers(path.left(), ipv6("grelow"), "-s", "1000")).isTrue();
    }

    @Test
    void forwardedSendersHearThePathsMtu() {
        NetworkNamespace behind = path.behind();
        path.right().run("ip route add 203.0.113.0/24 dev afar");
        path.right().run("ip -6 route add 2001:db8:113::/64 dev sit");

        assertThat(Pinging.output(behind, ipv4("afar"), 4, "-M", "do", "-s", "1400"))
                .contains("(mtu = 1276)");
        assertThat(Pinging.answers(behind, ipv4("afar"), "-M", "do", "-s", "1248")).isTrue();
        assertThat(Pinging.output(behind, ipv6("sit"), 4, "-M", "do", "-s", "1400"))
                .contains("Packet too big: mtu=1280");
        assertThat(Pinging.answers(behind, ipv6("sit"), "-M", "do", "-s", "1232")).isTrue();
    }

    @Test
    void whatMayBeFragmentedInsideArrivesInInnerFragments() {
        PacketCapture wire = PacketCapture.start(path.router(), "right");
        // the first finds out about the path
        Pinging.answers(path.left(), ipv4("clear"), "-M", "dont", "-s", "1400");
        assertThat(Pinging.output(path.left(), ipv4("clear"), 3, "-M", "dont", "-s", "1400"))
                .contains("3 received");
        wire.stop();
        String ours = "src 192.0.2.1 and dst " + right("clear");
        assertThat(wire.decode(ours + " and ip[6] & 0x40 != 0")).hasSizeGreaterThanOrEqualTo(6);
        assertThat(wire.decode(ours + " and ip[6:2] & 0x3fff != 0"))
                .as("outer fragments")
                .isEmpty();
        assertThat(culvert.summary("clear").fragments()).isGreaterThanOrEqualTo(6);
    }

    @Test
    void nopmtudiscWithInnerDfSaysSoAndWithoutItSendsFragments() {
        assertThat(Pinging.output(path.left(), ipv4("copied"), 3, "-M", "dont", "-s", "1400"))
                .contains("3 received");
        assertThat(Pinging.output(path.left(), ipv4("copied"), 4, "-M", "do", "-s", "1400"))
                .contains("(mtu = 1276)");
        assertThat(Pinging.output(path.left(), ipv4("copied"), 3, "-M", "dont", "-s", "1400"))
                .as("once the path is known")
                .contains("3 received");
    }

    @Test
    void ignoreDfSendsFragmentsWhateverTheInnerPacketSays() {
        assertThat(Pinging.output(path.left(), ipv4("ignored"), 3, "-M", "do", "-s", "1400"))
                .contains("3 received");
        assertThat(Pinging.output(path.left(), ipv6("ignored"), 3, "-M", "do", "-s", "1400"))
                .contains("3 received");
        assertThat(culvert.summary("ignored").drops()).isEmpty();
    }

    @Test
    void largerThanTheLinkGoesInOuterFragmentsThatTheFarEndReassembles() {
        path.left().run("ip link set ignored mtu 4000");
        assertThat(Pinging.output(path.left(), ipv4("ignored"), 3, "-M", "do", "-s", "3000"))
                .contains("3 received");
        path.left().run("ip link set ignored mtu 1476");
        assertThat(culvert.summary("ignored").fragments()).isGreaterThanOrEqualTo(9);
        assertThat(culvert.summary("ignored").drops()).isEmpty();
    }

    @Test
    void a6in4TunnelWithoutPathMtuDiscoveryCarriesLargePackets() {
        assertThat(Pinging.output(path.left(), ipv6("sitclear"), 3, "-M", "do", "-s", "1400"))
                .contains("3 received");
        assertThat(culvert.summary("sitclear").drops()).isEmpty();
    }

    @Test
    void aTcpTransferSurvivesTheDiscoveryInBothDirections() throws Exception {
        byte[] data = new byte[1 << 20];
        new Random(2784).nextBytes(data);
        Path file = Files.createTempFile(Path.of("target"), "path", ".data");
        Files.write(file, data);
        copy(path.left(), path.right(), ipv4("tcp"), file);
        copy(path.right(), path.left(), ipv4("tcp").replaceAll("\\d+$", "29"), file);
        assertThat(culvert.summary("tcp").drops().keySet())
                .isSubsetOf("too-big", "underlay-too-big");
    }

    private static void copy(NetworkNamespace from, NetworkNamespace to, String address, Path file)
            throws Exception {
        Path copy = Files.createTempFile(Path.of("target"), "path", ".copy");
        BackgroundProcess sink =
                to.start(
                        "socat",
                        "-d",
                        "-d",
                        "-u",
                        "TCP4-LISTEN:5001,bind=" + address,
                        "OPEN:" + copy.toAbsolutePath() + ",trunc");
        sink.awaitLine(
                sink.stderr(), 0, line -> line.contains("listening on"), Duration.ofSeconds(5));
        from.exec("socat", "-u", "OPEN:" + file.toAbsolutePath(), "TCP4:" + address + ":5001");
        assertThat(sink.awaitEnd(Duration.ofSeconds(10)).exitStatus()).isZero();
        assertThat(copy).hasSameBinaryContentAs(file);
    }

    private static int row(String tunnel) {
        for (int row = 0; row < TUNNELS.size(); row++) {
            if (TUNNELS.get(row).startsWith(tunnel + " ")) {
                return row;
            }
        }
        throw new IllegalArgumentException(tunnel);
    }

    private static String right(String tunnel) {
        return "192.0.2." + (NarrowPath.FIRST_RIGHT + row(tunnel));
    }

    private static String ipv4(String tunnel) {
        return "198.51.100." + (4 * row(tunnel) + 2);
    }

    private static String ipv6(String tunnel) {
        return "2001:db8:0:%d::2".formatted(row(tunnel));
    }
}

package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.CulvertSummary;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tunnels over IPv6, and a router in their way.
 *
 * <pre>
 *   left ------------------ router ------------------ right
 *   2001:db8:1::1   2001:db8:1::f   2001:db8:2::f   2001:db8:2::1
 * </pre>
 */
@NeedsRoot(programs = "ping")
@Timeout(60)
class Ipv6UnderlayTest {
    private static final String LEFT = "2001:db8:1::1";
    private static final String RIGHT = "2001:db8:2::1";
    private static final String INNER = "198.51.100.2";
    private static final String INNER6 = "2001:db8:100::2";

    private NetworkNamespace left;
    private NetworkNamespace router;
    private NetworkNamespace right;

    @BeforeEach
    void layThePath() {
        left = NetworkNamespace.create("left");
        router = NetworkNamespace.create("router");
        right = NetworkNamespace.create("right");
        NetworkNamespace.connect(left, "eth0", router, "left");
        NetworkNamespace.connect(router, "right", right, "eth0");
        left.address("eth0", LEFT + "/64");
        router.address("left", "2001:db8:1::f/64");
        router.address("right", "2001:db8:2::f/64");
        right.address("eth0", RIGHT + "/64");
        left.run("ip -6 route add default via 2001:db8:1::f");
        right.run("ip -6 route add default via 2001:db8:2::f");
        router.exec(
                "sh",
                "-c",
                "cd /proc/sys/net/ipv6; echo 1 >conf/all/forwarding; echo 0 >icmp/ratelimit");
        Eventually.isTrue("the path is there", () -> Pinging.answers(left, RIGHT));
    }

    @AfterEach
    void takeItAway() {
        List.of(left, router, right).forEach(NetworkNamespace::close);
    }

    private static String words(String mode, int side) {
        return "mode %s local %s remote %s address 198.51.100.%d/24 address 2001:db8:100::%4$d/64"
                .formatted(mode, side == 1 ? LEFT : RIGHT, side == 1 ? RIGHT : LEFT, side);
    }

    private CulvertProcess raiseBoth(String mode) {
        CulvertProcess.run(right, "t0", words(mode, 2));
        CulvertProcess culvert = CulvertProcess.run(left, "t0", words(mode, 1));
        Eventually.isTrue("pings pass", () -> Pinging.answers(left, INNER));
        Eventually.isTrue("IPv6 inside passes", () -> Pinging.answers(left, INNER6));
        return culvert;
    }

    /** Linux answers IPv4 also where it may be fragmented: it never fragments here. */
    @ParameterizedTest
    @CsvSource({"ip6gre, 1348", "ip6gre encaplimit none, 1356", "ip6tnl, 1352"})
    void aPathThatBecomesNarrowIsToldToInnerSendersOfBothVersions(String mode, int innerMtu) {
        CulvertProcess culvert = raiseBoth(mode);
        router.run("ip -6 route add " + RIGHT + " dev right mtu 1400");
        String output = Pinging.output(left, INNER, 5, "-M", "do", "-s", "1410");
        assertThat(output).contains("(mtu = " + innerMtu + ")").contains("0 received");
        assertThat(Pinging.answers(left, INNER, "-M", "do", "-s", "" + (innerMtu - 28))).isTrue();
        Eventually.isTrue(
                "IPv6 senders hear of it",
                () ->
                        Pinging.output(left, INNER6, 2, "-M", "do", "-s", "1390")
                                .contains("mtu=" + innerMtu));
        assertThat(Pinging.answers(left, INNER6, "-M", "do", "-s", "" + (innerMtu - 48))).isTrue();
        Eventually.isTrue(
                "the host fragments what it may",
                () -> Pinging.answers(left, INNER, "-M", "want", "-s", "3000"));

        CulvertSummary summary = culvert.summary();
        assertThat(summary.icmpErrorsIn()).isGreaterThanOrEqualTo(1);
        assertThat(summary.icmpErrorsOut()).isGreaterThanOrEqualTo(2);
        assertThat(summary.drops().keySet()).isSubsetOf("too-big", "underlay-too-big");
        assertThat(culvert.complaints()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ip6gre", "ip6tnl"})
    void aRouterThatKnowsNoWayIsHeardByInnerSenders(String mode) {
        CulvertProcess culvert = raiseBoth(mode);
        router.run("ip -6 route add unreachable " + RIGHT);
        try {
            Eventually.isTrue(
                    "IPv4 senders hear of it",
                    () -> Pinging.output(left, INNER, 4).contains("Destination Host Unreachable"));
            Eventually.isTrue(
                    "IPv6 senders hear of it",
                    () ->
                            Pinging.output(left, INNER6, 4)
                                    .contains("Destination unreachable: Address unreachable"));
        } finally {
            router.run("ip -6 route del unreachable " + RIGHT);
        }
        Eventually.isTrue("pings pass again", () -> Pinging.answers(left, INNER));
        assertThat(culvert.summary().drops()).isEmpty();
        assertThat(culvert.complaints()).isEmpty();
    }

    @Test
    void aHopLimitThatEndsOnTheWayIsHeardByInnerSenders() {
        CulvertProcess.run(right, "t0", words("ip6gre", 2));
        CulvertProcess culvert = CulvertProcess.run(left, "t0", words("ip6gre hoplimit 1", 1));
        Eventually.isTrue(
                "senders hear of it",
                () -> Pinging.output(left, INNER, 4).contains("Destination Host Unreachable"));
        assertThat(culvert.summary().icmpErrorsIn()).isGreaterThanOrEqualTo(1);
        assertThat(culvert.summary().drops()).isEmpty();
    }

    @Test
    void anAddressThatComesLaterIsWaitedFor() {
        CulvertProcess.run(right, "t0", words("ip6tnl", 2));
        left.run("ip addr del " + LEFT + "/64 dev eth0");
        CulvertProcess culvert = CulvertProcess.run(left, "t0", words("ip6tnl", 1));
        culvert.awaitComplaint(
                0, line -> line.contains("local " + LEFT + " is not an address of this host"));
        assertThat(Pinging.answers(left, INNER)).isFalse();
        assertThat(culvert.summary().drops()).containsKey("local-address-gone");

        left.address("eth0", LEFT + "/64");
        left.run("ip -6 route replace default via 2001:db8:1::f");
        culvert.awaitComplaint(0, line -> line.endsWith("t0: packets can leave again"));
        Eventually.isTrue("pings pass", () -> Pinging.answers(left, INNER));
    }

    @Test
    void withoutLocalThePacketsHaveTheSourceOfTheRoute() {
        CulvertProcess.run(right, "t0", words("ip6gre", 2));
        CulvertProcess culvert =
                CulvertProcess.run(
                        left, "t0", "mode ip6gre remote " + RIGHT + " address 198.51.100.1/24");
        Eventually.isTrue("pings pass", () -> Pinging.answers(left, INNER));
        left.run("ip -6 route del default");
        culvert.awaitComplaint(0, line -> line.contains("no route to " + RIGHT));
        left.run("ip -6 route add default via 2001:db8:1::f");
        Eventually.isTrue("pings pass again", () -> Pinging.answers(left, INNER));
        assertThat(culvert.summary().drops().keySet()).isSubsetOf("no-route");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ip6gre", "ip6tnl", "ip6tnl ipip6"})
    void keepalivesGoBothWaysAndTellWhenThePeerIsGone(String mode) {
        String inner = "keepalive 0.2:3 address 198.51.100.%d/30";
        CulvertProcess peer =
                CulvertProcess.run(
                        right,
                        "t0",
                        "mode %s local %s remote %s ".formatted(mode, RIGHT, LEFT)
                                + inner.formatted(2));
        CulvertProcess culvert =
                CulvertProcess.run(
                        left,
                        "t0",
                        "mode %s local %s remote %s ".formatted(mode, LEFT, RIGHT)
                                + inner.formatted(1));
        culvert.awaitComplaint(0, line -> line.contains("answers keepalives"));
        peer.awaitComplaint(0, line -> line.contains("answers keepalives"));
        assertThat(culvert.summary().drops()).isEmpty();
        peer.close();
        culvert.awaitComplaint(0, line -> line.endsWith(": gone"));
        assertThat(culvert.complaints()).noneMatch(line -> line.contains("Exception"));
    }

    @Test
    void aRemoteOfThisHostNeedsAWord() {
        left.address("eth0", "2001:db8:1::2/64");
        String words = "mode ip6gre local " + LEFT + " remote 2001:db8:1::2";
        try (CulvertProcess culvert =
                CulvertProcess.run(left, "t0", words + " address 198.51.100.1/24")) {
            culvert.awaitComplaint(
                    0, line -> line.contains("2001:db8:1::2 is an address of this host"));
            assertThat(Pinging.answers(left, INNER)).isFalse();
            assertThat(culvert.summary().drops()).containsKey("remote-is-local");
        }
        CulvertProcess allowed =
                CulvertProcess.run(
                        left, "t1", words + " allow-localremote address 198.51.100.1/24");
        assertThat(Pinging.answers(left, INNER)).isFalse();
        assertThat(allowed.summary().drops()).doesNotContainKey("remote-is-local");
        assertThat(allowed.summary().packetsOut()).isGreaterThan(0);
        assertThat(allowed.complaints()).isEmpty();
    }

    @Test
    void severalLanesCarryItAndLoseNothing() throws Exception {
        CulvertProcess.run(right, "t0", words("ip6gre", 2));
        CulvertProcess culvert =
                CulvertProcess.startFile(left, List.of("t0 " + words("ip6gre", 1)), "--lanes", "2");
        culvert.awaitUp();
        Eventually.isTrue("pings pass", () -> Pinging.answers(left, INNER));
        try (TcpStream out = new TcpStream(left, right, INNER)) {
            out.awaitMore(8 << 20);
            assertThat(out.endsWhole()).isTrue();
        }
        try (TcpStream in = new TcpStream(right, left, "2001:db8:100::1")) {
            in.awaitMore(8 << 20);
            assertThat(in.endsWhole()).isTrue();
        }
        CulvertSummary summary = culvert.summary();
        assertThat(summary.drops().keySet()).isSubsetOf("device-queue-full");
        assertThat(summary.packetsOfNoTunnel()).isEqualTo(Map.of());
        assertThat(summary.packetsMissed()).isZero();
    }
}

package io.culvert.peers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What users do to a network device while it carries traffic, done to Culvert's: two hosts on a
 * cable, a tunnel between them, and the tools of iproute2.
 */
@NeedsRoot(programs = {"ping", "tcpdump"})
@Timeout(60)
class IpOnDeviceTest {
    private NetworkNamespace left;
    private NetworkNamespace right;
    private CulvertProcess culvert;
    private CulvertProcess peer;

    @BeforeEach
    void raiseATunnelWithoutAddresses() {
        left = NetworkNamespace.create("left");
        right = NetworkNamespace.create("right");
        NetworkNamespace.connect(left, "eth0", right, "eth0");
        left.address("eth0", "192.0.2.1/24");
        right.address("eth0", "192.0.2.2/24");
        culvert = CulvertProcess.run(left, "cvt0", "mode gre remote 192.0.2.2 local 192.0.2.1");
        peer =
                CulvertProcess.run(
                        right,
                        "cvt0",
                        "mode gre remote 192.0.2.1 local 192.0.2.2 address 198.51.100.2/24");
    }

    @AfterEach
    void closeBothHosts() {
        if (left != null) {
            left.close();
        }
        if (right != null) {
            right.close();
        }
    }

    @Test
    void ipLinkShowsAPointToPointDeviceWithTheKernelsMtu() {
        assertThat(left.run("ip link show cvt0").stdout())
                .contains("POINTOPOINT", "NOARP", "UP", "LOWER_UP", "mtu 1476 ");
    }

    @Test
    void addressesAndRoutesOfIpWorkWhileItRuns() {
        left.run("ip addr add 198.51.100.1 peer 198.51.100.2 dev cvt0");
        assertAnswered(left, "198.51.100.2");

        left.run("ip addr del 198.51.100.1 peer 198.51.100.2 dev cvt0");
        assertThat(left.attempt("ping", "-c", "1", "-W", "1", "198.51.100.2").succeeded())
                .isFalse();

        right.address("cvt0", "203.0.113.2/32");
        left.address("cvt0", "198.51.100.1/24");
        left.run("ip route add 203.0.113.0/24 dev cvt0");
        assertAnswered(left, "203.0.113.2");
        assertNothingDropped();
    }

    @Test
    void tcpdumpOnTheDeviceShowsInnerPacketsAndNoOuterOnes() {
        left.address("cvt0", "198.51.100.1/24");
        try (PacketCapture capture = PacketCapture.start(left, "cvt0")) {
            assertAnswered(left, "198.51.100.2");
            capture.stop();
            assertThat(capture.decode("icmp"))
                    .filteredOn(line -> line.contains("echo request"))
                    .hasSize(3);
            assertThat(capture.decode("icmp"))
                    .filteredOn(line -> line.contains("echo reply"))
                    .hasSize(3);
            assertThat(capture.decode("ip proto 47")).isEmpty();
        }
    }

    @Test
    void aChangedMtuHoldsForWhatIsSentAndNotForWhatIsReceived() {
        left.address("cvt0", "198.51.100.1/24");
        left.run("ip link set cvt0 mtu 1300");

        assertAnswered(left, "198.51.100.2", "-M do -s 1272");
        assertThat(
                        left.attempt("ping", "-c", "1", "-M", "do", "-s", "1273", "198.51.100.2")
                                .stderr())
                .contains("message too long, mtu=1300");
        // The request fills the peer's own MTU; the answer comes back in two fragments.
        assertAnswered(right, "198.51.100.1", "-M dont -s 1448");
        assertNothingDropped();
    }

    @Test
    void downStopsTheTunnelAndUpRevivesIt() {
        left.address("cvt0", "198.51.100.1/24");
        assertAnswered(left, "198.51.100.2");

        left.run("ip link set cvt0 down");
        assertThat(
                        right.attempt("ping", "-c", "3", "-i", "0.1", "-W", "1", "198.51.100.1")
                                .stdout())
                .contains("0 received");
        assertThat(culvert.isAlive()).isTrue();
        CulvertSummary whileDown = culvert.summary();

        left.run("ip link set cvt0 up");
        assertAnswered(left, "198.51.100.2");
        assertAnswered(right, "198.51.100.1");
        CulvertSummary afterwards = culvert.stop();
        assertThat(whileDown.drops()).containsEntry("tunnel-down", 3L);
        assertThat(afterwards.drops()).isEqualTo(whileDown.drops());
    }

    @Test
    void theDeviceWorksInAnotherNamespaceThanItsUnderlay() {
        try (NetworkNamespace inside = NetworkNamespace.create("inside")) {
            left.run("ip link set cvt0 netns " + inside.name());
            inside.address("cvt0", "198.51.100.1/24");
            inside.run("ip link set cvt0 up");

            assertAnswered(inside, "198.51.100.2");
            assertAnswered(right, "198.51.100.1");
            assertThat(left.attempt("ip", "link", "show", "cvt0").succeeded()).isFalse();
            assertNothingDropped();
        }
    }

    private static void assertAnswered(
            NetworkNamespace from, String destination, String... options) {
        ThreePings.assertAllAnswered(from.run(ThreePings.command(destination, options)));
    }

    private void assertNothingDropped() {
        assertThat(culvert.stop().drops()).isEmpty();
        assertThat(peer.stop().drops()).isEmpty();
    }
}

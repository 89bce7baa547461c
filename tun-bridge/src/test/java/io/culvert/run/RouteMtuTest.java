package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A route's MTU counts for the first packet after it was set, and no longer after it is gone. */
@NeedsRoot(programs = {"ip", "ping", "sysctl"})
@Timeout(60)
class RouteMtuTest {
    private static final String LARGE = "ping -n -c 1 -W 1 -M do -s 1400 198.51.100.2";
    private static final String SET = "ip route replace 192.0.2.2 dev eth0 src 192.0.2.1 ";
    private static final String UNSET = "ip route del 192.0.2.2; ip route flush cache";
    private static final String LEFT =
            "t0 mode gre local 192.0.2.1 remote 192.0.2.2 address 198.51.100.1/24";
    private static final String RIGHT =
            "t0 mode gre local 192.0.2.2 remote 192.0.2.1 address 198.51.100.2/24";

    @ParameterizedTest
    @ValueSource(strings = {"mtu 1300", "mtu lock 1300"})
    void theFirstLargePacketIsAnsweredAndTheFirstOneAfterwardsPasses(String mtu) {
        try (Cable cable = new Cable()) {
            NetworkNamespace left = cable.left();
            CulvertProcess culvert = run(true, left, LEFT);
            run(true, cable.right(), RIGHT);
            assertThat(shell(left, LARGE)).contains("1 received");
            // in one breath: no time in which changes could have settled
            for (int i = 0; i < 5; i++) {
                assertThat(shell(left, SET + mtu + "; " + LARGE))
                        .contains("(mtu = 1276)")
                        .contains("0 received");
                assertThat(shell(left, UNSET + "; " + LARGE)).contains("1 received");
            }
            assertThat(culvert.summary("t0").drops()).containsOnlyKeys("too-big");
            assertThat(culvert.complaints()).isEmpty();
        }
    }

    /** There the host has no part in a packet that fits the link: nothing is lost, nobody asks. */
    @Test
    void packetSocketsFollowIt() {
        try (Cable cable = new Cable()) {
            NetworkNamespace left = cable.left();
            CulvertProcess culvert = run(false, left, LEFT);
            run(false, cable.right(), RIGHT);
            assertThat(shell(left, LARGE)).contains("1 received");
            shell(left, SET + "mtu 1300");
            Eventually.isTrue("it counts", () -> shell(left, LARGE).contains("(mtu = 1276)"));
            assertThat(stats(left)).contains("path mtu 1300 (set by the route)");
            assertThat(shell(left, UNSET + "; " + LARGE)).contains("1 received");
            assertThat(culvert.summary("t0").drops()).containsOnlyKeys("too-big");
            assertThat(culvert.complaints()).isEmpty();
        }
    }

    private static CulvertProcess run(boolean isRaw, NetworkNamespace host, String tunnel) {
        CulvertProcess culvert =
                isRaw
                        ? CulvertProcess.startFile(host, List.of(tunnel))
                        : CulvertProcess.runOnPacketSockets(host, 1, tunnel);
        culvert.awaitUp();
        return culvert;
    }

    /** Of a path that another program has found out about the tunnel knows by its own packet. */
    @Test
    void whatAnotherProgramFoundOutIsAnsweredToo() {
        try (NarrowPath path = new NarrowPath(1300)) {
            NetworkNamespace left = path.left();
            String remote = "192.0.2." + NarrowPath.FIRST_RIGHT;
            run(
                    true,
                    left,
                    "t0 mode gre local %s remote %s address 198.51.100.1/24"
                            .formatted(NarrowPath.LEFT, remote));
            shell(left, "ping -n -c 2 -i 0.2 -W 1 -M do -s 1450 " + remote);
            assertThat(shell(left, "ip route get " + remote)).contains("mtu 1300");
            assertThat(shell(left, LARGE)).contains("(mtu = 1276)");
            assertThat(stats(left)).contains("path mtu 1300 (learnt by ICMP, expires in ");
        }
    }

    /** The kernel notes the error for the route that has no dev, and would forget it for ours. */
    @Test
    void aTunnelThatIsBoundToTheOtherUplinkRemembersItsPathItself() {
        try (NarrowPath path = new NarrowPath(1300)) {
            NetworkNamespace left = path.left();
            NetworkNamespace.connect(left, "eth1", path.router(), "second");
            left.address("eth1", "203.0.114.1/24");
            path.router().address("second", "203.0.114.254/24");
            left.run("ip route add default via 203.0.114.254 dev eth1 metric 100");
            left.run("sysctl -qw net.ipv4.route.mtu_expires=3");
            String remote = "192.0.2." + NarrowPath.FIRST_RIGHT;
            run(
                    true,
                    left,
                    "t0 mode gre dev eth1 local 203.0.114.1 remote %s address 198.51.100.1/24"
                            .formatted(remote));
            Eventually.isTrue(
                    "the path is learnt", () -> shell(left, LARGE).contains("(mtu = 1276)"));
            assertThat(shell(left, "ip route get " + remote + " oif eth1"))
                    .doesNotContain("mtu 1300");
            assertThat(stats(left)).contains("path mtu 1300 (learnt by ICMP, expires in ");
            Eventually.isTrue(
                    "it is forgotten after mtu_expires",
                    () -> stats(left).contains("path mtu 1500"));
        }
    }

    private static String shell(NetworkNamespace host, String command) {
        var outcome = host.attempt("sh", "-c", command);
        return outcome.stdout() + outcome.stderr();
    }

    private static String stats(NetworkNamespace host) {
        return shell(host, String.join(" ", CulvertProcess.java()) + " stats t0");
    }
}

package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.CulvertSummary;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import io.culvert.peers.PacketCapture;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Routes that lead a tunnel's outer packets back into it: refused at the start, and while it runs
 * nothing is sent until they are gone.
 */
@NeedsRoot(programs = {"ping", "tcpdump"})
@Timeout(60)
class RouteLoopTest {
    private static final String WORDS =
            "mode gre remote 192.0.2.2 local 192.0.2.1 address 198.51.100.1/24";

    private final Cable cable = new Cable();
    private final NetworkNamespace left = cable.left();

    @AfterEach
    void takeAwayTheCable() {
        cable.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.2/32", "192.0.2.0/30", "192.0.2.2/31"})
    void aRouteOverTheRemoteIsRefusedByName(String prefix) {
        Outcome outcome = CulvertProcess.refuse(left, "cvt0", WORDS + " route " + prefix);
        assertThat(outcome.exitStatus()).isEqualTo(1);
        assertThat(outcome.stdout()).isEmpty();
        assertThat(outcome.stderr().lines()).hasSize(1);
        assertThat(outcome.stderr())
                .startsWith("culvert: cvt0: the route to remote 192.0.2.2 (")
                .contains(
                        prefix.replace("/32", "") + " dev cvt0) leads back into cvt0",
                        "ip route replace 192.0.2.2 via GATEWAY dev eth0");
        assertThat(left.attempt("ip", "link", "show", "cvt0").succeeded()).isFalse();
    }

    @Test
    void aDefaultRouteThroughTheTunnelIsRefusedWhereTheRemoteNeedsIt() {
        Outcome outcome =
                CulvertProcess.refuse(left, "cvt0", "mode gre remote 203.0.113.9 route 0.0.0.0/0");
        assertThat(outcome.exitStatus()).isEqualTo(1);
        assertThat(outcome.stderr().lines()).hasSize(1);
        assertThat(outcome.stderr())
                .contains(
                        "the route to remote 203.0.113.9 (default dev cvt0) leads back into cvt0");
    }

    @Test
    void aDefaultRouteThroughTheTunnelServesWhereTheRemoteHasItsOwn() {
        CulvertProcess.start(
                cable.right(),
                "cvt0",
                "mode gre remote 192.0.2.1 address 203.0.113.1/24 route 198.51.100.0/24");
        CulvertProcess culvert = CulvertProcess.run(left, "cvt0", WORDS + " route 0.0.0.0/0");
        Eventually.isTrue("the tunnel carries", () -> Pinging.answers(left, "203.0.113.1"));
        assertThat(culvert.stop().drops()).isEmpty();
    }

    @Nested
    class WhileItRuns {
        private CulvertProcess culvert;

        @BeforeEach
        void raiseBothEnds() {
            CulvertProcess peer =
                    CulvertProcess.start(
                            cable.right(),
                            "cvt0",
                            "mode gre remote 192.0.2.1 address 198.51.100.2/24");
            culvert = CulvertProcess.run(left, "cvt0", WORDS);
            peer.awaitUp();
        }

        @Test
        void aRouteThatAppearsStopsSendingAndItsEndResumesIt() {
            assertThat(Pinging.answers(left, "198.51.100.2")).isTrue();
            PacketCapture wire = PacketCapture.start(left, "eth0");

            left.run("ip route add 192.0.2.2 dev cvt0");
            String sentence = culvert.awaitComplaint(0, line -> true);
            assertThat(Pinging.output(left, "198.51.100.2", 5)).contains("0 received");
            CulvertSummary looping = culvert.summary();

            left.run("ip route del 192.0.2.2 dev cvt0");
            culvert.awaitComplaint(1, "culvert: cvt0: packets can leave again"::equals);
            assertThat(Pinging.answers(left, "198.51.100.2")).isTrue();
            wire.stop();

            assertThat(sentence)
                    .startsWith(
                            "culvert: cvt0: the route to remote 192.0.2.2 (192.0.2.2 dev cvt0)"
                                    + " leads back into cvt0");
            assertThat(looping.drops()).containsOnlyKeys("route-loop").containsValue(5L);
            assertThat(culvert.summary().drops()).isEqualTo(looping.drops());
            assertThat(wire.decode("ip proto 47")).as("one request and its answer").hasSize(2);
            assertThat(culvert.complaints()).hasSize(2);
        }

        /** Between the route and our hearing of it there is a moment. */
        @Test
        void packetsSentWhileTheRouteChangesMakeNoStorm() {
            PacketCapture wire = PacketCapture.start(left, "eth0");
            PacketCapture device = PacketCapture.start(left, "cvt0");
            left.exec(
                    "sh",
                    "-c",
                    "ping -n -q -i 0.002 -c 250 -W 0.3 198.51.100.2 & sleep 0.1;"
                            + " ip route add 192.0.2.2 dev cvt0; wait $!; true");
            wire.stop();
            device.stop();
            CulvertSummary summary = culvert.summary();
            assertThat(summary.drops().keySet()).isSubsetOf("route-loop", "loop").isNotEmpty();
            assertThat(wire.decode("ip proto 47")).hasSizeLessThanOrEqualTo(500);
            assertThat(device.decode("ip")).hasSizeLessThanOrEqualTo(2 * 250 + 100);
            assertThat(culvert.complaints()).hasSize(1);
        }
    }

    @Test
    void tunnelsThatCarryEachOtherInACircleAreBothStopped() {
        left.run("ip route add 203.0.113.0/24 dev eth0");
        CulvertProcess culvert =
                CulvertProcess.startFile(
                        left,
                        List.of(
                                "a mode gre remote 203.0.113.1 local 192.0.2.1",
                                "b mode ipip remote 203.0.113.2 local 192.0.2.1 address"
                                        + " 198.51.100.1/24"));
        culvert.awaitUp();
        PacketCapture wire = PacketCapture.start(left, "eth0");
        left.run("ip route replace 203.0.113.2 dev a");
        left.run("ip route add 203.0.113.1 dev b");
        culvert.awaitComplaint(0, line -> line.contains("leads back into a"));
        culvert.awaitComplaint(0, line -> line.contains("leads back into b"));
        assertThat(Pinging.output(left, "198.51.100.2", 3)).contains("0 received");
        wire.stop();
        assertThat(culvert.summary("b").drops()).containsOnlyKeys("route-loop").containsValue(3L);
        assertThat(culvert.summary("a").drops()).isEmpty();
        assertThat(wire.decode("ip proto 47 or ip proto 4")).isEmpty();
        assertThat(culvert.complaints()).hasSize(2);
    }

    @Test
    void aTunnelThroughATunnelWorks() {
        CulvertProcess peer =
                CulvertProcess.startFile(
                        cable.right(),
                        List.of(
                                "outer mode gre remote 192.0.2.1 address 198.51.100.2/30",
                                "inner mode ipip remote 198.51.100.1 address 203.0.113.2/30"));
        CulvertProcess culvert =
                CulvertProcess.startFile(
                        left,
                        List.of(
                                "outer mode gre remote 192.0.2.2 address 198.51.100.1/30",
                                "inner mode ipip remote 198.51.100.2 address 203.0.113.1/30"));
        culvert.awaitUp();
        peer.awaitUp();
        assertThat(culvert.upLine("inner")).contains("mtu 1456,");
        assertThat(Pinging.output(left, "203.0.113.2", 3, "-M", "do", "-s", "1428"))
                .contains("3 received");
        assertThat(culvert.summary("outer").packetsOut()).isEqualTo(3);
        assertThat(culvert.summary("inner").packetsOut()).isEqualTo(3);
        assertThat(culvert.summary("inner").drops()).isEmpty();
        assertThat(culvert.stop().drops()).isEmpty();
    }
}

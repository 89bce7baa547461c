package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.CulvertSummary;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What goes wrong under a running tunnel: each failure is counted by its reason and by no other,
 * said in one line when it lasts, and over when its cause is.
 */
@NeedsRoot(programs = {"ping", "nft", "tc"})
@Timeout(60)
class UnderlayFailureTest {
    private static final String INNER_RIGHT = "198.51.100.2";
    private static final String AGAIN = "culvert: cvt0: packets can leave again";

    private static Cable cable;
    private NetworkNamespace left;
    private CulvertProcess culvert;

    @BeforeAll
    static void layTheCable() {
        cable = new Cable();
        CulvertProcess.run(
                cable.right(), "cvt0", "mode gre remote 192.0.2.1 address 198.51.100.2/24");
    }

    @BeforeEach
    void raiseTheTunnel() {
        left = cable.left();
        culvert =
                CulvertProcess.run(
                        left,
                        "cvt0",
                        "mode gre remote 192.0.2.2 local 192.0.2.1 address 198.51.100.1/24");
        assertThat(pings(1)).contains("1 received");
    }

    @AfterEach
    void endTheTunnel() {
        culvert.close();
    }

    @AfterAll
    static void takeAwayTheCable() {
        cable.close();
    }

    @Test
    void aLinkThatIsDownMeansNoRouteUntilItIsUp() {
        left.run("ip link set eth0 down");
        culvert.awaitComplaint(0, "culvert: cvt0: no route to 192.0.2.2"::equals);
        assertThat(pings(3)).contains("0 received");
        assertThat(culvert.summary().drops()).isEqualTo(Map.of("no-route", 3L));

        left.run("ip link set eth0 up");
        culvert.awaitComplaint(0, AGAIN::equals);
        assertRecovers();
        assertCounted(Map.of("no-route", 3L), 2);
    }

    @Test
    void aRemovedRouteIsWaitedFor() {
        left.run("ip route del 192.0.2.0/24 dev eth0");
        culvert.awaitComplaint(0, "culvert: cvt0: no route to 192.0.2.2"::equals);
        assertThat(pings(3)).contains("0 received");
        left.run("ip route add unreachable 192.0.2.2");
        culvert.awaitComplaint(1, line -> line.contains("a route of type unreachable"));
        assertThat(pings(3)).contains("0 received");

        left.run("ip route del unreachable 192.0.2.2");
        left.run("ip route add 192.0.2.0/24 dev eth0 src 192.0.2.1");
        culvert.awaitComplaint(0, AGAIN::equals);
        assertRecovers();
        assertThat(culvert.summary().drops()).isEqualTo(Map.of("no-route", 6L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"blackhole", "prohibit", "unreachable", "throw"})
    void aRouteThatRefusesIsNamedByItsType(String type) {
        left.run("ip route add " + type + " 192.0.2.2");
        try {
            String what = type.equals("throw") ? "no route" : "a route of type " + type;
            culvert.awaitComplaint(0, ("culvert: cvt0: " + what + " to 192.0.2.2")::equals);
            assertThat(pings(3)).contains("0 received");
        } finally {
            left.run("ip route del " + type + " 192.0.2.2");
        }
        culvert.awaitComplaint(0, AGAIN::equals);
        assertRecovers();
        assertCounted(Map.of(type.equals("blackhole") ? "underlay-refused" : "no-route", 3L), 2);
    }

    @Test
    void aRemovedLocalAddressStopsSendingUntilItIsBack() {
        left.run("ip addr del 192.0.2.1/24 dev eth0");
        String line = culvert.awaitComplaint(0, text -> true);
        assertThat(line)
                .startsWith("culvert: cvt0: local 192.0.2.1 is not an address of this host");
        assertThat(pings(3)).contains("0 received");
        assertThat(culvert.summary().drops()).isEqualTo(Map.of("local-address-gone", 3L));

        left.address("eth0", "192.0.2.1/24");
        culvert.awaitComplaint(0, AGAIN::equals);
        assertRecovers();
        assertCounted(Map.of("local-address-gone", 3L), 2);
    }

    @Test
    void aLocalFirewallThatForbidsIsCountedSo() {
        left.run("nft add table ip filter");
        left.exec("nft", "add chain ip filter out { type filter hook output priority 0 ; }");
        left.run("nft add rule ip filter out ip protocol gre drop");
        assertThat(pings(3)).contains("0 received");
        assertThat(culvert.summary().drops()).isEqualTo(Map.of("underlay-forbidden", 3L));

        left.run("nft delete table ip filter");
        assertRecovers();
        assertCounted(Map.of("underlay-forbidden", 3L), 0);
    }

    @Test
    void aPeersRejectionReachesTheInnerSenderAndNothingIsDroppedHere() {
        NetworkNamespace right = cable.right();
        right.run("nft add table ip filter");
        right.exec("nft", "add chain ip filter in { type filter hook input priority 0 ; }");
        right.run(
                "nft add rule ip filter in ip protocol gre reject with icmp type admin-prohibited");
        try {
            assertThat(Pinging.output(left, INNER_RIGHT, 4))
                    .contains("Destination Host Unreachable");
        } finally {
            right.run("nft delete table ip filter");
        }
        CulvertSummary summary = culvert.summary();
        assertThat(summary.icmpErrorsIn()).isGreaterThanOrEqualTo(2);
        assertThat(summary.icmpErrorsOut()).isGreaterThanOrEqualTo(1);
        assertThat(summary.packetsOut()).isEqualTo(5);
        assertRecovers();
        assertCounted(Map.of(), 0);
    }

    @Test
    void aPeerThatDropsEverythingIsNoErrorHere() {
        NetworkNamespace right = cable.right();
        right.run("nft add table ip filter");
        right.exec("nft", "add chain ip filter in { type filter hook input priority 0 ; }");
        right.run("nft add rule ip filter in ip protocol gre drop");
        try {
            assertThat(pings(3)).contains("0 received").doesNotContain("Unreachable");
        } finally {
            right.run("nft delete table ip filter");
        }
        assertRecovers();
        assertCounted(Map.of(), 0);
    }

    @Test
    void aFullQueueOfTheLinkIsCountedAndDrains() {
        left.run("tc qdisc add dev eth0 root tbf rate 160kbit burst 2000 limit 4000");
        assertThat(left.run("ping -n -q -i 0.002 -c 100 -s 1000 -W 1 198.51.100.2").stdout())
                .contains("% packet loss");
        Map<String, Long> drops = culvert.summary().drops();
        assertThat(drops).containsOnlyKeys("underlay-full");

        left.run("tc qdisc del dev eth0 root");
        assertRecovers();
        assertCounted(drops, 0);
    }

    @Test
    void aLoweredMtuOfTheLinkIsToldToSendersAndForgottenWhenRaised() {
        left.run("ip link set eth0 mtu 1300");
        try {
            Eventually.isTrue(
                    "senders are told",
                    () ->
                            Pinging.output(left, INNER_RIGHT, 2, "-M", "do", "-s", "1400")
                                    .contains("mtu = 1276"));
        } finally {
            left.run("ip link set eth0 mtu 1500");
        }
        Eventually.isTrue(
                "large packets pass again",
                () -> {
                    // the sender's own host remembers what it was told for ten minutes
                    left.run("ip route flush cache");
                    return Pinging.answers(left, INNER_RIGHT, "-M", "do", "-s", "1400");
                });
        assertThat(culvert.summary().drops().keySet()).isSubsetOf("too-big", "underlay-too-big");
        assertThat(culvert.complaints()).isEmpty();
    }

    private String pings(int count) {
        return Pinging.output(left, INNER_RIGHT, count);
    }

    private void assertRecovers() {
        Eventually.isTrue("pings are answered again", () -> Pinging.answers(left, INNER_RIGHT));
    }

    private void assertCounted(Map<String, Long> drops, int complaints) {
        CulvertSummary summary = culvert.summary();
        assertThat(summary.drops()).isEqualTo(drops);
        assertThat(summary.packetsOfNoTunnel()).isEmpty();
        assertThat(summary.packetsMissed()).isZero();
        assertThat(culvert.complaints()).hasSize(complaints);
        assertThat(culvert.isAlive()).isTrue();
        assertThat(culvert.end("TERM").exitStatus()).isZero();
    }
}

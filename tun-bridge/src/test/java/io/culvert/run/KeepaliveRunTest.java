package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.CulvertSummary;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keepalives between two hosts: who is told what, when the peer goes and comes back. */
@NeedsRoot(programs = {"ping", "nft"})
@Timeout(90)
class KeepaliveRunTest {
    private static final String ANSWERS = " answers keepalives";
    private static final String GONE = " has not answered 8 keepalives in 2 s: gone";
    private static final String AGAIN = " answers keepalives again, after ";

    private Cable cable;
    private NetworkNamespace left;
    private NetworkNamespace right;

    @BeforeEach
    void layTheCable() {
        cable = new Cable();
        left = cable.left();
        right = cable.right();
    }

    @AfterEach
    void takeAwayTheCable() {
        cable.close();
    }

    private static String words(String kind, int host) {
        return "mode %s remote 192.0.2.%d ".formatted(kind, 3 - host)
                + (kind.startsWith("sit")
                        ? "address 2001:db8::%d peer 2001:db8::%d".formatted(host, 3 - host)
                        : "address 198.51.100.%d peer 198.51.100.%d".formatted(host, 3 - host));
    }

    private static String inner(String kind, int host) {
        return (kind.startsWith("sit") ? "2001:db8::" : "198.51.100.") + host;
    }

    private void allowIpv6(String kind) {
        if (kind.startsWith("sit")) {
            for (NetworkNamespace host : List.of(left, right)) {
                host.exec("sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
            }
        }
    }

    /** A device that has no carrier sends nothing, and what it had is gone. */
    private boolean hasCarrier(NetworkNamespace host) {
        String link = host.run("ip link show cvt0").stdout();
        assertThat(link.contains("LOWER_UP")).isNotEqualTo(link.contains("NO-CARRIER"));
        return link.contains("LOWER_UP");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gre", "gre key 7 csum seq", "gre local 192.0.2.1", "ipip", "sit"})
    void thePeerIsSeenAndNothingOfItReachesTheDevice(String kind) {
        allowIpv6(kind);
        CulvertProcess peer =
                CulvertProcess.start(right, "cvt0", words(kind.split(" local")[0], 2));
        CulvertProcess culvert =
                CulvertProcess.run(left, "cvt0", words(kind, 1) + " keepalive 0.2:100");
        peer.awaitUp();
        String line = culvert.awaitComplaint(0, l -> l.contains(ANSWERS));
        assertThat(line).isEqualTo("culvert: cvt0: peer 192.0.2.2" + ANSWERS);
        culvert.awaitSummary("cvt0", s -> s.keepalivesIn() >= 5);

        Outcome end = culvert.end("TERM");
        assertThat(end.stderr().lines()).containsExactly(line);
        assertThat(end.stdout())
                .containsPattern("cvt0 keepalive-out \\d+ packets \\d+ answered \\d lost")
                .containsPattern("cvt0 peer answers for \\S+ s, last \\S+ s ago, round trip");
        CulvertSummary summary = CulvertProcess.lastSummary("cvt0", end);
        // IPv6 looks for neighbours and routers of its own accord
        assertThat(summary.packetsIn()).isLessThanOrEqualTo(kind.equals("sit") ? 10 : 0);
        assertThat(summary.packetsRead()).isEqualTo(summary.packetsIn() + summary.keepalivesIn());
        assertThat(summary.keepalivesOut()).isGreaterThanOrEqualTo(summary.keepalivesIn());
        assertThat(summary.drops().keySet()).isSubsetOf("payload-not-carried");
        CulvertSummary peers = peer.stop();
        if (kind.startsWith("gre")) {
            assertThat(peers.packetsIn()).isZero();
            assertThat(peers.keepalivesIn()).isGreaterThanOrEqualTo(summary.keepalivesIn());
        } else {
            assertThat(peers.packetsIn()).isGreaterThanOrEqualTo(summary.keepalivesIn());
            assertThat(peers.keepalivesIn()).isZero();
        }
        assertThat(peers.keepalivesOut()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gre", "ipip"})
    void aPeerThatIsGoneTakesTheCarrierAndItsReturnGivesItBack(String kind) {
        CulvertProcess peer = CulvertProcess.run(right, "cvt0", words(kind, 2));
        CulvertProcess culvert =
                CulvertProcess.run(
                        left, "cvt0", words(kind, 1) + " keepalive 0.25:8 keepalive-carrier");
        culvert.awaitComplaint(0, line -> line.contains(ANSWERS));
        assertThat(hasCarrier(left)).isTrue();
        assertThat(Pinging.answers(left, inner(kind, 2))).isTrue();

        peer.end("KILL");
        culvert.awaitComplaint(0, line -> line.endsWith(GONE + "; no carrier"));
        assertThat(hasCarrier(left)).isFalse();
        assertThat(Pinging.answers(left, inner(kind, 2))).isFalse();

        CulvertProcess.run(right, "cvt0", words(kind, 2));
        culvert.awaitComplaint(
                0, line -> line.contains(AGAIN) && line.endsWith("; carrier is back"));
        assertThat(hasCarrier(left)).isTrue();
        Eventually.isTrue("ping", () -> Pinging.answers(left, inner(kind, 2)));
        assertThat(culvert.complaints()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gre", "ipip", "sit"})
    void twoEndsWithoutCarrierFindEachOtherAgain(String kind) {
        allowIpv6(kind);
        String options = " keepalive 0.25:8 keepalive-carrier";
        CulvertProcess one = CulvertProcess.start(left, "cvt0", words(kind, 1) + options);
        CulvertProcess two = CulvertProcess.start(right, "cvt0", words(kind, 2) + options);
        List<CulvertProcess> both = List.of(one, two);
        both.forEach(CulvertProcess::awaitUp);
        both.forEach(end -> end.awaitComplaint(0, line -> line.contains(ANSWERS)));
        int[] said = {one.complaints().size(), two.complaints().size()};

        left.run("ip link set eth0 down");
        one.awaitComplaint(said[0], line -> line.endsWith(GONE + "; no carrier"));
        two.awaitComplaint(said[1], line -> line.endsWith(GONE + "; no carrier"));
        assertThat(hasCarrier(left)).isFalse();
        assertThat(hasCarrier(right)).isFalse();

        left.run("ip link set eth0 up");
        one.awaitComplaint(said[0], line -> line.endsWith("; carrier is back"));
        two.awaitComplaint(said[1], line -> line.endsWith("; carrier is back"));
        Eventually.isTrue("ping", () -> Pinging.answers(left, inner(kind, 2)));
        Eventually.isTrue("ping back", () -> Pinging.answers(right, inner(kind, 1)));
    }

    @Test
    void aPeerWhoseDeviceIsDownDoesNotAnswer() {
        CulvertProcess.run(right, "cvt0", words("gre", 2));
        CulvertProcess culvert =
                CulvertProcess.run(left, "cvt0", words("gre", 1) + " keepalive 0.25:8");
        culvert.awaitComplaint(0, line -> line.contains(ANSWERS));
        right.run("ip link set cvt0 down");
        culvert.awaitComplaint(0, line -> line.endsWith(GONE));
        assertThat(hasCarrier(left)).as("nobody asked for it to follow").isTrue();
        right.run("ip link set cvt0 up");
        culvert.awaitComplaint(0, line -> line.contains(AGAIN));
    }

    @Test
    void atOurOwnDeviceBeingDownNobodyIsAskedOrJudged() {
        CulvertProcess.run(right, "cvt0", words("gre", 2));
        CulvertProcess culvert =
                CulvertProcess.run(
                        left, "cvt0", words("gre", 1) + " keepalive 0.1:20 keepalive-carrier");
        culvert.awaitComplaint(0, line -> line.contains(ANSWERS));
        left.run("ip link set cvt0 down");
        Eventually.isTrue("it falls silent", () -> sentInHalfASecond(culvert) == 0);
        assertThat(culvert.complaints()).hasSize(1);
        left.run("ip link set cvt0 up");
        long before = culvert.summary().keepalivesIn();
        culvert.awaitSummary("cvt0", s -> s.keepalivesIn() > before + 3);
        assertThat(hasCarrier(left)).isTrue();
        assertThat(culvert.complaints()).hasSize(1);
    }

    private static long sentInHalfASecond(CulvertProcess culvert) {
        long before = culvert.summary().keepalivesOut();
        long endNanos = System.nanoTime() + 500_000_000L;
        Eventually.isTrue("time passes", () -> System.nanoTime() >= endNanos);
        return culvert.summary().keepalivesOut() - before;
    }

    /** Each host lets in only what belongs to a flow that it has begun itself. */
    private static void closeStatefully(NetworkNamespace host) {
        host.run("nft add table inet group");
        host.exec("nft", "add chain inet group in { type filter hook input priority 0 ; }");
        host.run("nft add rule inet group in iifname eth0 ct state established accept");
        host.exec("nft", "add rule inet group in iifname eth0 ip protocol { 4, 41, 47 } drop");
    }

    @ParameterizedTest
    @CsvSource({"gre, 1", "gre, 2", "ipip, 1", "ipip, 2", "sit, 2"})
    void throughTwoStatefulFirewallsEitherEndCanPingFirst(String kind, int first) {
        allowIpv6(kind);
        closeStatefully(left);
        closeStatefully(right);
        String keepalive = " keepalive 0.3:100";
        CulvertProcess one = CulvertProcess.start(left, "cvt0", words(kind, 1) + keepalive);
        CulvertProcess two = CulvertProcess.start(right, "cvt0", words(kind, 2) + keepalive);
        List<CulvertProcess> both = List.of(one, two);
        both.forEach(CulvertProcess::awaitUp);
        both.forEach(end -> end.awaitComplaint(0, line -> line.contains(ANSWERS)));
        NetworkNamespace asking = first == 1 ? left : right;
        assertThat(Pinging.output(asking, inner(kind, 3 - first), 3)).contains("3 received");
    }

    @Test
    void withoutKeepalivesTheFirewallOfTheSilentEndIsClosed() {
        closeStatefully(left);
        closeStatefully(right);
        CulvertProcess.run(right, "cvt0", words("gre", 2));
        CulvertProcess.run(left, "cvt0", words("gre", 1) + " keepalive 0.3:100");
        assertThat(Pinging.output(left, inner("gre", 2), 3)).contains("0 received");
    }

    @Test
    void withoutAnInnerPeerAnEchoHasNowhereToGo() {
        Outcome refused =
                CulvertProcess.refuse(
                        left,
                        "cvt0",
                        "mode ipip remote 192.0.2.2 address 198.51.100.1/24 keepalive 5");
        assertThat(refused.exitStatus()).isEqualTo(64);
        assertThat(refused.stderr())
                .contains("asks the peer by its address inside the tunnel")
                .contains("address ADDR peer ADDR");
        assertThat(left.attempt("ip", "link", "show", "cvt0").succeeded()).isFalse();
    }
}

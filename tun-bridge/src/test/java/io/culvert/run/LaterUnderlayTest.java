package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tunnels whose local address or device comes later, or goes and comes back as another one: they
 * wait as the kernel's tunnels do, say in one line what for, and work the moment it comes.
 */
@NeedsRoot(programs = {"ping"})
@Timeout(90)
class LaterUnderlayTest {
    private static final String WORDS =
            "mode gre remote 192.0.2.2 local 192.0.2.1 dev eth0 address 198.51.100.1/30";
    private static final String WAITING = "culvert: cvt0: there is no device eth0: waiting for it";
    private static final String AGAIN = "culvert: cvt0: packets can leave again";
    private static final String INNER_RIGHT = "198.51.100.2";

    private Cable cable;
    private NetworkNamespace left;
    private NetworkNamespace right;

    @BeforeEach
    void layTheCable() {
        cable = new Cable();
        left = cable.left();
        right = cable.right();
        CulvertProcess.run(right, "cvt0", "mode gre remote 192.0.2.1 address 198.51.100.2/30");
    }

    @AfterEach
    void takeAwayTheCable() {
        cable.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "packet"})
    void aDeviceThatIsMadeAnewIsFollowedByItsName(String underlay) {
        CulvertProcess culvert = start(underlay, WORDS);
        assertThat(Pinging.answers(left, INNER_RIGHT)).isTrue();

        left.run("ip link del eth0");
        culvert.awaitComplaint(0, WAITING::equals);
        assertThatPingsAreCounted(culvert, "link-gone");
        assertThat(stats()).contains("sending: there is no device eth0: waiting for it");

        left.run("ip tuntap add dev other mode tun"); // takes the next index
        remakeTheCable();
        culvert.awaitComplaint(1, AGAIN::equals);
        Eventually.isTrue("it carries", () -> Pinging.answers(left, INNER_RIGHT));
        assertThat(stats()).doesNotContain("sending:");
        assertThat(culvert.summary().packetsOfNoTunnel()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "packet"})
    void aDeviceThatVisitsAnotherNamespaceIsFollowed(String underlay) {
        CulvertProcess culvert = start(underlay, WORDS);
        try (NetworkNamespace elsewhere = NetworkNamespace.create("else")) {
            left.run("ip link set eth0 netns " + elsewhere.name());
            culvert.awaitComplaint(0, WAITING::equals);
            assertThatPingsAreCounted(culvert, "link-gone");

            elsewhere.run("ip link set eth0 netns " + left.name());
        }
        left.run("ip link set eth0 up");
        left.address("eth0", "192.0.2.1/24");
        culvert.awaitComplaint(1, AGAIN::equals);
        Eventually.isTrue("it carries", () -> Pinging.answers(left, INNER_RIGHT));
    }

    @Test
    void whatComesByAnotherDeviceMeanwhileIsCountedSo() {
        CulvertProcess culvert = start("raw", WORDS);
        left.run("ip link set eth0 down");
        left.run("ip link set eth0 name eth7");
        left.run("ip link set eth7 up");
        culvert.awaitComplaint(0, line -> line.contains("there is no device eth0, only eth7"));
        try (OuterSender sender = OuterSender.in(right)) {
            for (int i = 0; i < 3; i++) {
                sender.send(
                        47,
                        Cable.RIGHT,
                        Cable.LEFT,
                        "0000 0800 45000020 00004000 40010000 c6336402 c6336401 0000ffff 00000000"
                                + " 00000000");
            }
        }
        culvert.awaitSummary("cvt0", s -> s.drops().getOrDefault("other-link", 0L) == 3);
        assertThat(culvert.summary().packetsOfNoTunnel()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "packet"})
    void anAddressThatTheHostGetsLaterIsWaitedFor(String underlay) {
        left.run("ip addr del 192.0.2.1/24 dev eth0");
        left.run("ip link set eth0 mtu 1400");
        CulvertProcess culvert = start(underlay, WORDS);
        culvert.awaitComplaint(
                0,
                "culvert: cvt0: local 192.0.2.1 is not an address of this host: waiting for it"
                        ::equals);
        assertThatPingsAreCounted(culvert, "local-address-gone");

        left.address("eth0", "192.0.2.1/24");
        culvert.awaitComplaint(0, AGAIN::equals);
        Eventually.isTrue("it carries", () -> Pinging.answers(left, INNER_RIGHT));
        assertThat(left.run("ip link show cvt0").stdout()).contains("mtu 1376");
        assertThat(culvert.complaints().stream().filter(line -> line.contains("cvt0"))).hasSize(2);
    }

    @Test
    void aDeviceThatIsMadeLaterIsWaitedFor() {
        left.run("ip link del eth0");
        CulvertProcess culvert = start("raw", WORDS);
        culvert.awaitComplaint(0, WAITING::equals);
        assertThatPingsAreCounted(culvert, "link-gone");

        remakeTheCable();
        culvert.awaitComplaint(0, AGAIN::equals);
        Eventually.isTrue("it carries", () -> Pinging.answers(left, INNER_RIGHT));
        assertThat(culvert.end("TERM").exitStatus()).isZero();
    }

    @Test
    void anMtuThatSomebodyChoseMeanwhileStays() {
        left.run("ip addr del 192.0.2.1/24 dev eth0");
        CulvertProcess culvert = start("raw", WORDS);
        left.run("ip link set cvt0 mtu 1000");
        left.run("ip link set eth0 mtu 1400");
        left.address("eth0", "192.0.2.1/24");
        culvert.awaitComplaint(0, AGAIN::equals);
        Eventually.isTrue("it carries", () -> Pinging.answers(left, INNER_RIGHT));
        assertThat(left.run("ip link show cvt0").stdout()).contains("mtu 1000");
    }

    /** With its options before the name, as a file of one tunnel. */
    private CulvertProcess start(String underlay, String words) {
        CulvertProcess culvert =
                CulvertProcess.startFile(
                        left, List.of("cvt0 " + words), "--underlay", underlay, "--lanes", "2");
        culvert.awaitUp();
        return culvert;
    }

    /** The line is there a moment before the lanes have heard of it. */
    private void assertThatPingsAreCounted(CulvertProcess culvert, String reason) {
        Eventually.isTrue(
                "sending has stopped",
                () -> {
                    assertThat(Pinging.answers(left, INNER_RIGHT)).isFalse();
                    return culvert.summary().drops().containsKey(reason);
                });
        Map<String, Long> before = culvert.summary().drops();
        assertThat(Pinging.output(left, INNER_RIGHT, 3)).contains("0 received");
        Map<String, Long> after = new HashMap<>(culvert.summary().drops());
        after.merge(reason, -3L, Long::sum);
        assertThat(after).isEqualTo(before);
    }

    private void remakeTheCable() {
        NetworkNamespace.connect(left, "eth0", right, "eth0");
        left.address("eth0", "192.0.2.1/24");
        right.address("eth0", "192.0.2.2/24");
    }

    private String stats() {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.addAll(List.of("stats", "cvt0"));
        return left.exec(command.toArray(String[]::new)).stdout();
    }
}

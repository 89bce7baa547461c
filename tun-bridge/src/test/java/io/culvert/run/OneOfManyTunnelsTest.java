package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Twenty tunnels in a process, the first of which meets with all kinds of trouble: the others carry
 * on, and go on following the host.
 */
@NeedsRoot(programs = {"ping"})
@Timeout(120)
class OneOfManyTunnelsTest {
    private static final int TUNNELS = 20;
    private static final String BROKEN =
            "t0 mode gre local 203.0.113.1 remote 203.0.113.2 dev eth1 address 198.51.100.1/30";

    private Cable cable;
    private NetworkNamespace left;
    private NetworkNamespace right;

    @BeforeEach
    void layTwoCables() {
        cable = new Cable();
        left = cable.left();
        right = cable.right();
        NetworkNamespace.connect(left, "eth1", right, "eth1");
        left.address("eth1", "203.0.113.1/24");
        right.address("eth1", "203.0.113.2/24");
        CulvertProcess.startFile(
                        right, tunnels(2, "t0 mode gre remote 203.0.113.1 address 198.51.100.2/30"))
                .awaitUp();
    }

    @AfterEach
    void takeAwayTheCables() {
        cable.close();
    }

    private static List<String> tunnels(int host, String first) {
        List<String> lines = new ArrayList<>(List.of(first));
        IntStream.range(1, TUNNELS)
                .mapToObj(
                        i ->
                                "t%d mode gre local 192.0.2.%d remote 192.0.2.%d key %d address 198.51.100.%d/30"
                                        .formatted(i, host, 3 - host, i, 4 * i + host))
                .forEach(lines::add);
        return lines;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ip link del eth1",
                "ip link del eth1; ip link add eth1 type veth peer name eth9; ip link set eth1 up",
                "ip link set eth1 down; ip link set eth1 name eth7; ip link set eth7 up",
                "ip link set eth1 down",
                "ip link set eth1 mtu 68",
                "ip link set eth1 netns elsewhere",
                "ip addr del 203.0.113.1/24 dev eth1",
                "ip link del t0",
                "ip link set t0 down",
                "ip link set t0 mtu 68",
                "ip link set t0 down; ip link set t0 name u0",
                "ip link set t0 netns elsewhere",
                "ip route add 203.0.113.2 dev t0",
                "ip route add blackhole 203.0.113.2",
                "ip route add 203.0.113.2 dev t1",
                "ip rule add iif lo to 203.0.113.2 unreachable",
            })
    void whateverBreaksOneTheOthersGoOn(String breaking) {
        try (NetworkNamespace elsewhere = NetworkNamespace.create("else")) {
            CulvertProcess culvert = CulvertProcess.startFile(left, tunnels(1, BROKEN));
            culvert.awaitUp();
            Eventually.isTrue("t0 is well", () -> Pinging.answers(left, "198.51.100.2"));

            left.exec("sh", "-c", breaking.replace("elsewhere", elsewhere.name()));
            assertThatOthersAreAnswered();
            followAnAddressThatGoesAndComesBack(culvert);
            assertThatOthersAreAnswered();

            for (int i = 1; i < TUNNELS; i++) {
                Map<String, Long> drops = culvert.summary("t" + i).drops();
                assertThat(drops.keySet()).as("t" + i).isSubsetOf("local-address-gone");
            }
            assertThat(culvert.end("TERM").exitStatus()).isZero();
        }
    }

    private void assertThatOthersAreAnswered() {
        for (int i = 1; i < TUNNELS; i++) {
            String address = inner(i);
            Eventually.isTrue(address + " answers", () -> Pinging.answers(left, address));
        }
    }

    private static String inner(int tunnel) {
        return "198.51.100." + (4 * tunnel + 2);
    }

    private void followAnAddressThatGoesAndComesBack(CulvertProcess culvert) {
        int from = culvert.complaints().size();
        left.run("ip addr del 192.0.2.1/24 dev eth0");
        for (int i = 1; i < TUNNELS; i++) {
            String name = "culvert: t" + i + ": ";
            culvert.awaitComplaint(
                    from, line -> line.startsWith(name + "local 192.0.2.1 is not an address"));
        }
        left.address("eth0", "192.0.2.1/24");
        for (int i = 1; i < TUNNELS; i++) {
            culvert.awaitComplaint(from, ("culvert: t" + i + ": packets can leave again")::equals);
        }
    }

    @Test
    void oneThatCannotBeOpenedIsLeftOutAndSaid() {
        CulvertProcess holder = CulvertProcess.run(left, "taken", "mode ipip remote 203.0.113.9");
        List<String> lines =
                List.of(
                        "taken mode gre local 192.0.2.1 remote 192.0.2.9",
                        "loop mode gre remote 192.0.2.8 route 192.0.2.8/32",
                        "twin mode gre remote 192.0.2.7 mtu 1000 address 2001:db8::1/64",
                        "theirs mode ipip remote 203.0.113.9",
                        "waits mode gre local 192.0.2.77 remote 192.0.2.6",
                        "t1 mode gre local 192.0.2.1 remote 192.0.2.2 key 1 address 198.51.100.5/30");
        CulvertProcess culvert = CulvertProcess.startFile(left, lines);
        culvert.upLine("t1");
        culvert.upLine("waits");
        culvert.awaitComplaint(0, line -> line.contains("taken is left out, the others run: "));
        culvert.awaitComplaint(0, line -> line.contains("loop is left out, the others run: "));
        culvert.awaitComplaint(0, line -> line.contains("twin is left out, the others run: "));
        culvert.awaitComplaint(0, line -> line.startsWith("culvert: theirs would receive"));
        culvert.awaitComplaint(0, line -> line.startsWith("culvert: waits: local 192.0.2.77"));
        Eventually.isTrue("t1 carries", () -> Pinging.answers(left, inner(1)));
        assertThat(left.run("ip -o link").stdout())
                .contains("waits", "t1")
                .doesNotContain("loop:", "twin");
        assertThat(holder.isAlive()).isTrue();
        assertThat(culvert.end("TERM").exitStatus()).isZero();
    }

    @Test
    void aFileOfWhichNoneCanBeOpenedEndsWithTheReason() {
        CulvertProcess culvert =
                CulvertProcess.startFile(
                        left,
                        List.of(
                                "loop mode gre remote 192.0.2.8 route 192.0.2.8/32",
                                "more mode gre remote 192.0.2.7 route 192.0.2.7/32"));
        Outcome end = culvert.awaitEnd();
        assertThat(end.exitStatus()).isEqualTo(1);
        assertThat(end.stdout()).isEmpty();
        assertThat(end.stderr().lines())
                .anyMatch(line -> line.startsWith("culvert: loop: the route to remote 192.0.2.8"));
    }
}

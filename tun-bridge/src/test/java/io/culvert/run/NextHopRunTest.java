package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.PacketCapture;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code --underlay packet} while what is on the link changes.
 *
 * <p>A rule that keeps the host's IP from sending the tunnel's packets tells by which way they go:
 * those that are addressed at the link go round it.
 */
@NeedsRoot(programs = {"ping", "nft", "tcpdump"})
@Timeout(90)
class NextHopRunTest {
    private static final int MEGABYTES = 1 << 20;

    private static CulvertProcess run(NetworkNamespace host, String... tunnels) {
        return CulvertProcess.runOnPacketSockets(host, 1, tunnels);
    }

    private static String gre(String local, String remote, int inner) {
        return "gre mode gre local %s remote %s address 198.51.100.%d/30"
                .formatted(local, remote, inner);
    }

    private static void forbid(NetworkNamespace host, String hook) {
        host.exec(
                "nft",
                "table ip no_%1$s { chain drops { type filter hook %1$s priority 0; ip protocol 47 drop; }; }"
                        .formatted(hook));
    }

    /** Finds out in a second or two that who was there is gone. */
    private static void quicken(NetworkNamespace host) {
        host.exec(
                "sh",
                "-c",
                "cd /proc/sys/net/ipv4/neigh/eth0; echo 100 >retrans_time_ms;"
                        + " echo 1 >delay_first_probe_time; echo 1000 >base_reachable_time_ms");
    }

    private static void awaitAnswer(NetworkNamespace from, String address) {
        Eventually.isTrue(address + " answers", () -> Pinging.answers(from, address));
    }

    @Test
    void packetsGoRoundTheFirewallOfTheHostsIp() {
        try (Cable cable = new Cable()) {
            CulvertProcess left = run(cable.left(), gre(Cable.LEFT, Cable.RIGHT, 1));
            CulvertProcess right = run(cable.right(), gre(Cable.RIGHT, Cable.LEFT, 2));
            for (NetworkNamespace host : List.of(cable.left(), cable.right())) {
                forbid(host, "output");
                forbid(host, "input");
            }
            awaitAnswer(cable.left(), "198.51.100.2");

            assertThat(Pinging.output(cable.left(), "198.51.100.2", 5)).contains("5 received");
            assertThat(left.complaints()).isEmpty();
            assertThat(right.complaints()).isEmpty();
            assertThat(right.summary().drops()).isEmpty();
            assertThat(left.upLine("gre")).endsWith(", underlay packet");
            assertThat(stats(cable.left()))
                    .containsPattern("\\n    next hop 192.0.2.2 dev eth0 lladdr [0-9a-f:]{17}\\n");
            assertThat(examination(cable.left()))
                    .contains("warning  firewall-outbound")
                    .contains("others go round it")
                    .doesNotContain("error");
        }
    }

    private static String examination(NetworkNamespace host) {
        return culvert(host, "doctor", "--probe", "0", "gre");
    }

    private static String stats(NetworkNamespace host) {
        return culvert(host, "stats", "gre");
    }

    private static String culvert(NetworkNamespace host, String... words) {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.addAll(List.of(words));
        return host.attempt(command.toArray(String[]::new)).stdout();
    }

    @Test
    void whatHasNoNextHopGoesThroughTheHostsIp() {
        try (Cable cable = new Cable()) {
            forbid(cable.left(), "output");
            cable.left().run("ip tuntap add other0 mode tun");
            cable.left().run("ip link set other0 up");
            cable.left().run("ip route add 203.0.113.0/24 dev other0");
            CulvertProcess left = run(cable.left(), gre(Cable.LEFT, "203.0.113.2", 1));

            Pinging.output(cable.left(), "198.51.100.2", 2);

            assertThat(left.summary().drops()).containsOnlyKeys("underlay-forbidden");
            assertThat(left.complaints())
                    .singleElement()
                    .asString()
                    .contains("gre: packets go by the raw socket: other0 is no Ethernet");
            assertThat(stats(cable.left()))
                    .contains("\n    by raw sockets: other0 is no Ethernet\n");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mode gre, 198.51.100.1/30, 198.51.100.2/30",
        "mode ipip, 198.51.100.1/30, 198.51.100.2/30",
        "mode sit, 2001:db8:7::1/64, 2001:db8:7::2/64"
    })
    void aTcpConnectionSurvivesThatBothEndsGetOtherLinkAddresses(
            String mode, String leftInner, String rightInner) throws Exception {
        try (Cable cable = new Cable()) {
            for (NetworkNamespace host : List.of(cable.left(), cable.right())) {
                host.exec("sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
                quicken(host);
            }
            String tunnel = "tun0 %s local %s remote %s address %s";
            CulvertProcess left =
                    run(cable.left(), tunnel.formatted(mode, Cable.LEFT, Cable.RIGHT, leftInner));
            CulvertProcess right =
                    run(cable.right(), tunnel.formatted(mode, Cable.RIGHT, Cable.LEFT, rightInner));
            String inner = rightInner.substring(0, rightInner.indexOf('/'));
            awaitAnswer(cable.left(), inner);

            try (TcpStream stream = new TcpStream(cable.left(), cable.right(), inner)) {
                stream.awaitMore(4 * MEGABYTES);
                cable.right().run("ip link set eth0 address 02:00:00:00:00:22");
                stream.awaitMore(4 * MEGABYTES);
                cable.left().run("ip link set eth0 address 02:00:00:00:00:11");
                stream.awaitMore(4 * MEGABYTES);

                assertThat(stream.endsWhole()).isTrue();
            }
            assertThat(cable.left().run("ip neigh show " + Cable.RIGHT).stdout())
                    .contains("02:00:00:00:00:22");
            assertThat(cable.right().run("ip neigh show " + Cable.LEFT).stdout())
                    .contains("02:00:00:00:00:11");
            assertThat(left.summary().packetsIn()).isPositive();
            assertThat(right.summary().packetsMissed()).isZero();
        }
    }

    @Test
    void aGatewayThatFailsIsToldAndUsedAgainWhenItIsBack() {
        try (NarrowPath path = new NarrowPath(1500)) {
            String right = "192.0.2." + NarrowPath.FIRST_RIGHT;
            quicken(path.left());
            CulvertProcess left = run(path.left(), gre(NarrowPath.LEFT, right, 1));
            run(path.right(), gre(right, NarrowPath.LEFT, 2));
            awaitAnswer(path.left(), "198.51.100.2");
            forbid(path.left(), "output");
            awaitAnswer(path.left(), "198.51.100.2");

            path.router().run("ip addr flush dev left");
            String complaint = left.awaitComplaint(0, line -> line.contains("does not answer"));
            assertThat(complaint)
                    .contains("gre: next hop 192.0.2.126 on eth0 does not answer; packets go by");
            Eventually.isTrue( // the line is said a moment before the lanes do it
                    "packets go by the host's IP, where a rule forbids them",
                    () ->
                            !Pinging.answers(path.left(), "198.51.100.2")
                                    && left.summary().drops().containsKey("underlay-forbidden"));
            path.left().run("nft delete table ip no_output");

            path.router().address("left", "192.0.2.126/25");
            awaitAnswer(path.left(), "198.51.100.2");
            left.awaitComplaint(1, line -> line.contains("192.0.2.126 on eth0 answers again"));
            forbid(path.left(), "output");
            awaitAnswer(path.left(), "198.51.100.2");
            assertThat(left.complaints()).hasSize(2);
        }
    }

    @Test
    void aLinkThatGoesDownAndUpCarriesPacketsAgain() {
        try (Cable cable = new Cable()) {
            CulvertProcess left = run(cable.left(), gre(Cable.LEFT, Cable.RIGHT, 1));
            run(cable.right(), gre(Cable.RIGHT, Cable.LEFT, 2));
            forbid(cable.left(), "output");
            awaitAnswer(cable.left(), "198.51.100.2");

            cable.left().run("ip link set eth0 down");
            assertThat(Pinging.answers(cable.left(), "198.51.100.2")).isFalse();
            cable.left().run("ip link set eth0 up");
            awaitAnswer(cable.left(), "198.51.100.2");

            cable.right().run("ip link set eth0 down"); // the carrier of the left one
            assertThat(Pinging.answers(cable.left(), "198.51.100.2")).isFalse();
            cable.right().run("ip link set eth0 up");
            awaitAnswer(cable.left(), "198.51.100.2");
            assertThat(left.isAlive()).isTrue();
        }
    }

    @Test
    void sendersHearOfANarrowPathAlsoByPacketsThatGoRoundTheHostsIp() {
        try (NarrowPath path = new NarrowPath(1300)) {
            String right = "192.0.2." + NarrowPath.FIRST_RIGHT;
            CulvertProcess left = run(path.left(), gre(NarrowPath.LEFT, right, 1));
            run(path.right(), gre(right, NarrowPath.LEFT, 2));
            forbid(path.left(), "output");
            awaitAnswer(path.left(), "198.51.100.2");

            assertThat(Pinging.output(path.left(), "198.51.100.2", 4, "-M", "do", "-s", "1400"))
                    .contains("(mtu = 1276)")
                    .contains("0 received");
            assertThat(Pinging.answers(path.left(), "198.51.100.2", "-M", "do", "-s", "1248"))
                    .isTrue();
            assertThat(left.summary().icmpErrorsIn()).isPositive();
        }
    }

    @Test
    void eachTunnelGoesByItsOwnDevice() {
        try (Cable cable = new Cable()) {
            NetworkNamespace.connect(cable.left(), "eth1", cable.right(), "eth1");
            cable.left().run("ip route add 192.0.2.2 dev eth1 metric 10");
            cable.right().run("ip route add 192.0.2.1 dev eth1 metric 10");
            run(cable.left(), tunnelsByDevice(1));
            run(cable.right(), tunnelsByDevice(2));
            forbid(cable.left(), "output");
            awaitAnswer(cable.left(), "198.51.100.2");
            awaitAnswer(cable.left(), "198.51.100.6");
            PacketCapture first = PacketCapture.start(cable.left(), "eth0");
            PacketCapture second = PacketCapture.start(cable.left(), "eth1");

            assertThat(Pinging.output(cable.left(), "198.51.100.2", 3)).contains("3 received");
            assertThat(Pinging.output(cable.left(), "198.51.100.6", 2)).contains("2 received");

            first.stop();
            second.stop();
            assertThat(first.decode("ip proto 47")).hasSize(6);
            assertThat(second.decode("ip proto 47")).hasSize(4);
        }
    }

    private static String[] tunnelsByDevice(int host) {
        String ends = " mode gre local 192.0.2.%d remote 192.0.2.%d".formatted(host, 3 - host);
        return new String[] {
            "a" + ends + " dev eth0 address 198.51.100." + host + "/30",
            "b" + ends + " dev eth1 address 198.51.100." + (4 + host) + "/30"
        };
    }
}

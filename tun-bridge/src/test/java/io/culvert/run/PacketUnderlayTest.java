package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.CulvertSummary;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code --underlay packet}: what users see is what they see with raw sockets. */
@NeedsRoot(programs = {"ping"})
@Timeout(60)
class PacketUnderlayTest {
    private static final long SEED = 20_221_123;

    private static CulvertProcess run(NetworkNamespace host, int lanes, String... tunnels) {
        return CulvertProcess.runOnPacketSockets(host, lanes, tunnels);
    }

    private static String tunnel(String words, int side, int row) {
        String ipv4 = " address 198.51.100.%d/30".formatted(4 * row + side);
        String ipv6 = " address 2001:db8:0:%d::%d/64".formatted(row, side);
        String ends = " local 192.0.2.%d remote 192.0.2.%d".formatted(side, 3 - side);
        return words + ends + (words.contains("sit") ? ipv6 : ipv4);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 3"})
    void packetsOfEachModePassBothWays(int leftLanes, int rightLanes) {
        List<String> modes =
                List.of(
                        "gre mode gre",
                        "keyed mode gre key 7 csum seq",
                        "ipip mode ipip",
                        "sit mode sit");
        try (Cable cable = new Cable()) {
            for (NetworkNamespace host : List.of(cable.left(), cable.right())) {
                host.exec("sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
            }
            CulvertProcess left = run(cable.left(), leftLanes, ends(modes, 1));
            CulvertProcess right = run(cable.right(), rightLanes, ends(modes, 2));
            for (int row = 0; row < modes.size(); row++) {
                String far =
                        modes.get(row).contains("sit")
                                ? "2001:db8:0:%d::2".formatted(row)
                                : "198.51.100." + (4 * row + 2);
                assertThat(Pinging.output(cable.left(), far, 3)).contains("3 received");
            }
            for (CulvertProcess culvert : List.of(left, right)) {
                Outcome end = culvert.end("TERM");
                assertThat(end.stderr()).isEmpty();
                for (String name : List.of("gre", "keyed", "ipip", "sit")) {
                    CulvertSummary summary = CulvertProcess.lastSummary(name, end);
                    assertThat(summary.packetsIn()).isGreaterThanOrEqualTo(3);
                    assertThat(summary.packetsMissed()).isZero();
                    assertThat(summary.drops()).isEmpty();
                }
            }
        }
    }

    private static String[] ends(List<String> modes, int side) {
        return IntStream.range(0, modes.size())
                .mapToObj(row -> tunnel(modes.get(row), side, row))
                .toArray(String[]::new);
    }

    /** Two lanes, three protocols, packets damaged in every way: none is read twice. */
    @Test
    void whatIsForNoTunnelIsNotReadAndTheRestIsReadByOneLaneOrMissed() {
        int packets = 60_000;
        List<String> modes =
                List.of(
                        "plain mode gre",
                        "key7 mode gre key 7",
                        "sums mode gre key 0x01020304 csum seq",
                        "ipip mode ipip",
                        "sit mode sit any");
        try (Cable cable = new Cable();
                OuterSender sender = OuterSender.in(cable.right())) {
            cable.left().address("eth0", "192.0.2.9/24");
            // what the tunnels deliver is for nobody here: no answer adds to what is counted
            cable.left().exec("sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter");
            String ends = " local 192.0.2.1 remote 192.0.2.2";
            CulvertProcess culvert =
                    run(cable.left(), 2, modes.stream().map(m -> m + ends).toArray(String[]::new));
            for (int i = 0; i < 10; i++) {
                sender.send(
                        47,
                        Cable.RIGHT,
                        "192.0.2.9",
                        "00000800" + "4500001400000000400100000a0000010a000002");
            }
            sender.flood(culvert, new WireMutator(SEED), packets);
            CulvertSummary summary =
                    culvert.awaitSummary(
                            "plain", s -> s.packetsRead() + s.packetsMissed() >= packets);
            assertThat(summary.packetsRead() + summary.packetsMissed()).isEqualTo(packets);
            assertThat(summary.packetsMissed()).isGreaterThan(1000);
            assertThat(summary.packetsRead()).isGreaterThan(1000);
            assertThat(culvert.complaints()).isEmpty();
        }
    }

    /** The first packets may go by the host, which asks for the neighbour then. */
    @Test
    @NeedsRoot(programs = "nft")
    void outerPacketsSoonGoPastTheFirewallOfTheHostsIp() {
        try (Cable cable = new Cable()) {
            for (NetworkNamespace host : List.of(cable.left(), cable.right())) {
                host.run("nft add table ip t");
                host.exec("nft", "add chain ip t in { type filter hook input priority 0; }");
                host.exec("nft", "add chain ip t out { type filter hook output priority 0; }");
                host.run("nft add rule ip t in ip protocol gre drop");
                host.run("nft add rule ip t out ip protocol gre drop");
            }
            CulvertProcess left = run(cable.left(), 2, tunnel("gre mode gre", 1, 0));
            run(cable.right(), 1, tunnel("gre mode gre", 2, 0));
            Eventually.isTrue(
                    "the way by the link is found",
                    () -> Pinging.answers(cable.left(), "198.51.100.2"));
            cable.left().run("ip neigh flush dev eth0");
            Eventually.isTrue(
                    "it is found again", () -> Pinging.answers(cable.left(), "198.51.100.2"));
            assertThat(left.summary("gre").drops().keySet()).isSubsetOf("underlay-forbidden");
        }
    }

    @Test
    void jumboFramesPassWhole() {
        try (Cable cable = new Cable()) {
            for (NetworkNamespace host : List.of(cable.left(), cable.right())) {
                host.run("ip link set eth0 mtu 9000");
            }
            CulvertProcess left = run(cable.left(), 1, tunnel("gre mode gre", 1, 0));
            CulvertProcess right = run(cable.right(), 1, tunnel("gre mode gre", 2, 0));
            assertThat(Pinging.output(cable.left(), "198.51.100.2", 3, "-M", "do", "-s", "8948"))
                    .contains("3 received");
            for (CulvertProcess culvert : List.of(left, right)) {
                CulvertSummary summary = culvert.summary("gre");
                assertThat(summary.packetsIn()).isEqualTo(3);
                assertThat(summary.packetsMissed()).isZero();
                assertThat(summary.drops()).isEmpty();
            }
        }
    }

    @Test
    void sendersHearOfAPathThatIsNarrower() {
        try (NarrowPath path = new NarrowPath(1300)) {
            String right = "192.0.2." + NarrowPath.FIRST_RIGHT;
            String gre = "gre mode gre local %s remote %s address 198.51.100.%d/30";
            CulvertProcess culvert = run(path.left(), 2, gre.formatted(NarrowPath.LEFT, right, 1));
            run(path.right(), 1, gre.formatted(right, NarrowPath.LEFT, 2));

            String output =
                    Pinging.output(path.left(), "198.51.100.2", 4, "-M", "do", "-s", "1400");

            assertThat(output).contains("(mtu = 1276)").contains("0 received");
            assertThat(Pinging.answers(path.left(), "198.51.100.2", "-M", "do", "-s", "1248"))
                    .isTrue();
            assertThat(culvert.summary("gre").icmpErrorsIn()).isPositive();
        }
    }

    @Test
    void whatTheWayFragmentsArrivesWhole() {
        try (NarrowPath path = new NarrowPath(1300)) {
            String right = "192.0.2." + NarrowPath.FIRST_RIGHT;
            String gre =
                    "gre mode gre nopmtudisc ignore-df ttl 64 local %s remote %s"
                            + " address 198.51.100.%d/30";
            // or its kernel would send multicast reports as well
            path.left().exec("sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
            run(path.left(), 2, gre.formatted(NarrowPath.LEFT, right, 1));
            CulvertProcess culvert = run(path.right(), 2, gre.formatted(right, NarrowPath.LEFT, 2));

            assertThat(Pinging.output(path.left(), "198.51.100.2", 3, "-s", "1400"))
                    .contains("3 received");

            CulvertSummary summary = culvert.summary("gre");
            assertThat(summary.packetsIn()).isEqualTo(3);
            assertThat(summary.packetsMissed()).isZero();
            assertThat(summary.drops()).isEmpty();
        }
    }
}

package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.run.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Next hops on a cable between two hosts, on which nobody sends but where a test does. */
@NeedsRoot(programs = "ping")
@Timeout(60)
class NextHopsTest {
    private static final String LOCAL = "192.0.2.1";
    private static final String PEER = "192.0.2.2";
    private static final String PEER_LINK = "02:00:00:00:00:02";
    private static final String TO_PEER = "eth0 " + PEER_LINK + " 1500";

    @TempDir private Path directory;
    private NetworkNamespace host;
    private NetworkNamespace peer;

    @BeforeEach
    void connect() {
        host = quiet("hop");
        peer = quiet("peer");
        NetworkNamespace.connect(host, "eth0", peer, "eth0");
        quicken(host, "eth0");
        peer.run("ip link set eth0 address " + PEER_LINK);
        host.address("eth0", LOCAL + "/24");
        peer.address("eth0", PEER + "/24");
    }

    /** Without IPv6 of its own accord. */
    private static NetworkNamespace quiet(String label) {
        NetworkNamespace host = NetworkNamespace.create(label);
        host.exec("sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
        return host;
    }

    /** Finds out within a second that who was there is gone. */
    private static void quicken(NetworkNamespace host, String device) {
        host.exec(
                "sh",
                "-c",
                "cd /proc/sys/net/ipv4/neigh/%s; echo 100 >retrans_time_ms; echo 1 >delay_first_probe_time"
                        .formatted(device));
    }

    @AfterEach
    void close() {
        host.close();
        peer.close();
    }

    private String neighbour(String address) {
        return host.run("ip neigh show " + address).stdout();
    }

    @Test
    void aRemoteOnTheLinkIsAskedForBeforeAnythingIsSent() throws Exception {
        try (FollowedHost followed = FollowedHost.start(host, LOCAL, PEER)) {
            followed.await(TO_PEER);

            assertThat(followed.changes()).containsExactly(TO_PEER);
            assertThat(neighbour(PEER)).contains("REACHABLE");
        }
    }

    @Test
    void aRemoteBehindAGatewayGoesToTheGatewayAndByTheRoutesMtu() throws Exception {
        host.run("ip route add 198.51.100.0/24 via " + PEER + " mtu 1300");
        try (FollowedHost followed = FollowedHost.start(host, LOCAL, "198.51.100.7")) {
            followed.await("eth0 " + PEER_LINK + " 1300");
            assertThat(followed.way(0)).isEqualTo(PEER + " dev eth0 lladdr " + PEER_LINK);

            host.run("ip route change 198.51.100.0/24 via " + PEER);
            followed.await(TO_PEER);
            host.run("ip link set eth0 mtu 1400");
            followed.await("eth0 " + PEER_LINK + " 1400");

            assertThat(followed.changes()).hasSize(3);
            assertThat(neighbour("198.51.100.7")).isEmpty();
        }
    }

    @Test
    void aGatewayOfTheOtherFamilyIsFoundInThatFamilysTable() throws Exception {
        for (NetworkNamespace end : new NetworkNamespace[] {host, peer}) {
            end.exec("sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6");
        }
        host.address("eth0", "2001:db8::1/64");
        peer.address("eth0", "2001:db8::2/64");
        host.run("ip route add 198.51.100.0/24 via inet6 2001:db8::2 dev eth0");
        try (FollowedHost followed = FollowedHost.start(host, LOCAL, "198.51.100.7")) {
            followed.await(TO_PEER);
        }
    }

    @Test
    void anotherAddressThatThePeerSpeaksFromIsFollowed() throws Exception {
        try (FollowedHost followed = FollowedHost.start(host, LOCAL, PEER)) {
            followed.await(TO_PEER);
            peer.run("ip link set eth0 address 02:00:00:00:00:22");
            peer.attempt("ping", "-c", "1", "-W", "1", LOCAL);

            followed.await("eth0 02:00:00:00:00:22 1500");
            assertThat(followed.changes()).hasSize(2);
        }
    }

    @Test
    void anotherAddressOfAPeerThatIsSilentIsFoundWhenTheKernelAsksForIt() throws Exception {
        host.exec("sh", "-c", "echo 500 >/proc/sys/net/ipv4/neigh/eth0/base_reachable_time_ms");
        try (FollowedHost followed = FollowedHost.start(host, LOCAL, PEER)) {
            followed.await(TO_PEER);
            peer.run("ip link set eth0 address 02:00:00:00:00:22");

            followed.await(FollowedHost.NONE); // it was stale, was asked, and did not answer
            host.attempt("ping", "-c", "1", "-W", "1", PEER);
            followed.await("eth0 02:00:00:00:00:22 1500");
            assertThat(followed.changes()).hasSize(3);
        }
    }

    @Test
    void aStaleNeighbourIsAskedAgainAndUsedMeanwhile() throws Exception {
        try (FollowedHost followed = FollowedHost.start(host, LOCAL, PEER)) {
            followed.await(TO_PEER);
            for (int i = 0; i < 2; i++) {
                host.run("ip neigh change %s dev eth0 nud stale".formatted(PEER));

                Eventually.isTrue("asked again", () -> neighbour(PEER).contains("REACHABLE"));
            }
            assertThat(followed.changes()).containsExactly(TO_PEER);
            assertThat(followed.lookups()).isOne();
        }
    }

    @Test
    void aNeighbourThatWasDeletedIsAskedForAgain() throws Exception {
        try (FollowedHost followed = FollowedHost.start(host, LOCAL, PEER)) {
            followed.await(TO_PEER);
            host.run("ip neigh flush dev eth0");

            Eventually.isTrue("there again", () -> neighbour(PEER).contains("REACHABLE"));
            followed.await(TO_PEER);
            assertThat(followed.lookups()).isOne();
        }
    }

    @Test
    void aPermanentNeighbourIsLeftAsItIs() throws Exception {
        host.run("ip neigh add 192.0.2.9 dev eth0 lladdr 02:00:00:00:00:09 nud permanent");
        try (FollowedHost followed = FollowedHost.start(host, LOCAL, "192.0.2.9")) {
            followed.await("eth0 02:00:00:00:00:09 1500");
            host.run("ip route add 198.51.100.0/24 via 192.0.2.9"); // has all looked at again
            Eventually.isTrue("looked up", () -> followed.lookups() == 2);

            assertThat(neighbour("192.0.2.9")).contains("PERMANENT");
            assertThat(followed.changes()).hasSize(1);
        }
    }

    @Test
    void aNeighbourThatFailsIsNoneUntilItAnswers() throws Exception {
        try (FollowedHost followed = FollowedHost.start(host, LOCAL, PEER)) {
            followed.await(TO_PEER);
            peer.run("ip addr flush dev eth0");
            host.run("ip neigh change %s dev eth0 nud stale".formatted(PEER));

            followed.await(FollowedHost.NONE);
            assertThat(neighbour(PEER)).contains("FAILED");
            assertThat(followed.way(0)).isEqualTo("next hop 192.0.2.2 on eth0 does not answer");

            peer.address("eth0", PEER + "/24");
            host.attempt("ping", "-c", "1", "-W", "1", PEER); // what the raw socket's packets do
            followed.await(TO_PEER);
            assertThat(followed.changes()).hasSize(3);
        }
    }

    @Test
    void aRouteThatMovesToAnotherInterfaceIsFollowed() throws Exception {
        NetworkNamespace.connect(host, "eth1", peer, "eth1");
        peer.run("ip link set eth1 address 02:00:00:00:00:12");
        peer.run("ip link set eth1 mtu 9000");
        host.run("ip link set eth1 mtu 9000");
        host.address("eth1", "203.0.113.1/24");
        peer.address("eth1", "203.0.113.2/24");
        host.run("ip route add 198.51.100.0/24 via " + PEER);
        try (FollowedHost followed = FollowedHost.start(host, LOCAL, "198.51.100.7")) {
            followed.await(TO_PEER);

            host.run("ip route replace 198.51.100.0/24 via 203.0.113.2");
            followed.await("eth1 02:00:00:00:00:12 9000");
            host.run("ip route add 198.51.100.7 via " + PEER);
            followed.await(TO_PEER);
            host.run("ip route del 198.51.100.7");
            followed.await("eth1 02:00:00:00:00:12 9000");
            host.run("ip rule add to 198.51.100.7 blackhole");
            followed.await(FollowedHost.NONE);
        }
    }

    @Test
    void aLinkThatGoesDownOrLosesItsCarrierHasNone() throws Exception {
        try (FollowedHost followed = FollowedHost.start(host, LOCAL, PEER)) {
            followed.await(TO_PEER);
            host.run("ip link set eth0 down");
            followed.await(FollowedHost.NONE);
            Eventually.isTrue(
                    "said", () -> followed.way(0).equals("there is no way to its remote"));
            host.run("ip link set eth0 up");
            followed.await(TO_PEER);

            peer.run("ip link set eth0 down");
            followed.await(FollowedHost.NONE);
            Eventually.isTrue("said", () -> followed.way(0).equals("eth0 has no carrier"));
            peer.run("ip link set eth0 up");
            followed.await(TO_PEER);

            host.run("ip link del eth0");
            followed.await(FollowedHost.NONE);
        }
    }

    @Test
    void aBridgeIsALinkLikeOthers() throws Exception {
        for (NetworkNamespace end : new NetworkNamespace[] {host, peer}) {
            end.run("ip link add br0 type bridge");
            end.run("ip addr flush dev eth0");
            end.run("ip link set eth0 master br0");
            end.run("ip link set br0 up");
        }
        peer.run("ip link set br0 address 02:00:00:00:00:07");
        host.run("ip link set br0 mtu 1480");
        host.address("br0", LOCAL + "/24");
        peer.address("br0", PEER + "/24");
        try (FollowedHost followed = FollowedHost.start(host, LOCAL, PEER)) {
            followed.await("br0 02:00:00:00:00:07 1480");
        }
    }

    @Test
    void whatHasNoNeighbourOnAnEthernetHasNone() throws Exception {
        host.run("ip tuntap add tun0 mode tun");
        host.run("ip link set tun0 up");
        host.run("ip route add 198.51.100.1 dev tun0");
        host.run("ip route add blackhole 198.51.100.2");
        host.run("ip route add unreachable 198.51.100.3");
        host.run("ip route add 224.0.0.0/4 dev eth0");
        try (FollowedHost followed =
                FollowedHost.start(
                        host,
                        LOCAL,
                        "198.51.100.1", // by a TUN device
                        "198.51.100.2",
                        "198.51.100.3",
                        "198.51.100.4", // no route
                        "224.0.0.5",
                        "192.0.2.255", // a broadcast address
                        LOCAL,
                        "127.0.0.1")) {
            assertThat(IntStream.range(0, 8).mapToObj(followed::way))
                    .zipSatisfy(
                            List.of(
                                    "tun0 is no Ethernet",
                                    "there is no way to its remote",
                                    "there is no way to its remote",
                                    "there is no way to its remote",
                                    "the way to its remote is multicast 224.0.0.",
                                    "the way to its remote is broadcast 192.0.2.255",
                                    "the way to its remote is local 192.0.2.1",
                                    "the way to its remote is local 127.0.0."),
                            (way, beginning) -> assertThat(way).startsWith(beginning));
            assertThat(followed.lookups()).isOne();
            assertThat(followed.changes()).isEmpty();
            assertThat(host.run("ip neigh show").stdout()).isEmpty();
        }
    }

    @Test
    void aTunnelWithoutALocalAddressHasNone() throws Exception {
        try (FollowedHost followed = FollowedHost.start(host, null, PEER)) {
            assertThat(followed.lookups()).isOne();
            assertThat(followed.changes()).isEmpty();
            assertThat(neighbour(PEER)).isEmpty();
        }
    }

    @Test
    void tunnelsToOneNeighbourAreToldEach() throws Exception {
        host.run("ip route add 198.51.100.0/24 via " + PEER);
        try (FollowedHost followed =
                FollowedHost.start(host, LOCAL, PEER, "198.51.100.1", "198.51.100.2")) {
            Eventually.isTrue("all told", () -> followed.changes().size() == 3);
            assertThat(followed.changes()).containsOnly(TO_PEER);
        }
    }

    @Test
    void neighboursOfOthersHaveNothingLookedUp() throws Exception {
        try (FollowedHost followed = FollowedHost.start(host, LOCAL, PEER)) {
            followed.await(TO_PEER);
            Path batch = directory.resolve("neighbours");
            String entry = "neigh replace 192.0.2.%d dev eth0 lladdr 02:00:00:00:01:%02x nud stale";
            Files.writeString(
                    batch,
                    IntStream.range(10, 200)
                            .mapToObj(i -> entry.formatted(i, i))
                            .collect(Collectors.joining("\n", "", "\n")));
            host.run("ip -batch " + batch);
            host.run("ip neigh change %s dev eth0 nud stale".formatted(PEER)); // the last event

            Eventually.isTrue("asked again", () -> neighbour(PEER).contains("REACHABLE"));
            assertThat(followed.lookups()).isOne();
            assertThat(followed.changes()).containsExactly(TO_PEER);
            assertThat(neighbour("192.0.2.10")).contains("STALE");
        }
    }
}

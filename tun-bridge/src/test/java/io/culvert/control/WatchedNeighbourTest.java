package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.netlink.Neighbour;
import io.culvert.netlink.RouteNetlink;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.net.InetAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a neighbour's entry is used, by a clock of the test's; nobody is on the link. */
@NeedsRoot
class WatchedNeighbourTest {
    private static final long SECOND = 1_000_000_000;
    private static final long START = -3 * SECOND; // the clock may be anywhere

    private NetworkNamespace host;
    private RouteNetlink netlink;
    private WatchedNeighbour neighbour;

    @BeforeEach
    void open() throws Exception {
        host = NetworkNamespace.create("watched");
        host.run("ip link add eth0 type veth peer name far0");
        host.run("ip link set eth0 up");
        host.run("ip link set far0 up");
        host.address("eth0", "192.0.2.1/24");
        netlink = NamespaceThread.call(host, RouteNetlink::open);
        neighbour =
                new WatchedNeighbour(
                        new WatchedNeighbour.Key(
                                netlink.link("eth0").index(), InetAddress.getByName("192.0.2.2")));
    }

    @AfterEach
    void close() {
        netlink.close();
        host.close();
    }

    private String look(long nowNanos) {
        return neighbour.look(netlink.neighbours(), "eth0", nowNanos);
    }

    private void set(String state) {
        host.run("ip neigh replace 192.0.2.2 dev eth0 lladdr 02:00:00:00:00:02 nud " + state);
    }

    private String shown() {
        return host.run("ip neigh show 192.0.2.2 nud all").stdout();
    }

    @Test
    void aStaleEntryIsUsedAtMostOnceASecond() {
        set("stale");
        assertThat(look(START)).isEmpty();
        assertThat(shown()).contains("DELAY");
        assertThat(neighbour.dueNanos()).isEqualTo(WatchedNeighbour.NEVER);

        set("stale");
        assertThat(look(START + SECOND - 1)).isEmpty();
        assertThat(shown()).contains("STALE");
        assertThat(neighbour.dueNanos()).isEqualTo(START + SECOND);
        assertThat(neighbour.linkAddress()).isEqualTo(0x02_00_00_00_00_02L);

        assertThat(look(START + SECOND)).isEmpty();
        assertThat(shown()).contains("DELAY");
        assertThat(neighbour.dueNanos()).isEqualTo(WatchedNeighbour.NEVER);
    }

    @Test
    void entriesThatNeedNothingAreLeft() {
        for (String state : new String[] {"reachable", "permanent", "noarp", "probe"}) {
            set(state);
            assertThat(look(START)).isEmpty();
            assertThat(shown()).containsIgnoringCase(state);
            assertThat(neighbour.linkAddress()).isEqualTo(0x02_00_00_00_00_02L);
        }
    }

    @Test
    void anEntryThatSomebodyElseKeepsIsLeft() {
        host.run("ip neigh add 192.0.2.2 dev eth0 lladdr 02:00:00:00:00:02 extern_learn nud stale");

        assertThat(look(START)).isEmpty();
        assertThat(shown()).contains("extern_learn").contains("STALE");
        assertThat(neighbour.linkAddress()).isEqualTo(0x02_00_00_00_00_02L);
    }

    @Test
    void aFailureIsToldOnceAndSoIsItsEnd() {
        set("reachable");
        assertThat(look(START)).isEmpty();

        set("failed");
        assertThat(look(START)).startsWith("next hop 192.0.2.2 on eth0 does not answer;");
        assertThat(neighbour.linkAddress()).isEqualTo(Neighbour.NO_LINK_ADDRESS);
        assertThat(look(START + 2 * SECOND)).isEmpty();
        assertThat(shown()).contains("FAILED"); // packets ask, not we

        set("reachable");
        assertThat(look(START)).isEqualTo("next hop 192.0.2.2 on eth0 answers again");
        assertThat(look(START)).isEmpty();
    }

    @Test
    void aMissingEntryIsMade() {
        assertThat(look(START)).isEmpty();
        assertThat(shown()).contains("INCOMPLETE");
        assertThat(neighbour.linkAddress()).isEqualTo(Neighbour.NO_LINK_ADDRESS);
    }

    @Test
    void aDeviceThatWentHasNoNeighbours() {
        host.run("ip link del eth0");

        assertThat(look(START)).isEmpty();
        assertThat(neighbour.linkAddress()).isEqualTo(Neighbour.NO_LINK_ADDRESS);
        assertThat(neighbour.dueNanos()).isEqualTo(START + SECOND);
    }
}

package io.culvert.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.netlink.NetlinkEvent.NeighbourChanged;
import io.culvert.netlink.NetlinkEvent.RouteChanged;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.run.Eventually;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Neighbours on a cable, against what {@code ip neigh} says of them. */
@NeedsRoot
@Timeout(60)
class NeighbourTableTest {
    private static final String PEER_LINK = "02:00:00:00:00:02";
    private static final long PEER_LINK_BITS = 0x02_00_00_00_00_02L;

    private NetworkNamespace host;
    private NetworkNamespace peer;
    private RouteNetlink netlink;
    private NeighbourTable neighbours;
    private int eth0;

    @BeforeEach
    void openOnACable() throws Exception {
        host = NetworkNamespace.create("neigh");
        peer = NetworkNamespace.create("peer");
        NetworkNamespace.connect(host, "eth0", peer, "eth0");
        peer.run("ip link set eth0 address " + PEER_LINK);
        host.address("eth0", "192.0.2.1/24");
        peer.address("eth0", "192.0.2.2/24");
        host.address("eth0", "2001:db8::1/64");
        peer.address("eth0", "2001:db8::2/64");
        netlink = NamespaceThread.call(host, RouteNetlink::open);
        neighbours = netlink.neighbours();
        eth0 = netlink.link("eth0").index();
    }

    @AfterEach
    void close() {
        if (netlink != null) {
            netlink.close();
        }
        host.close();
        peer.close();
    }

    private static InetAddress ip(String literal) throws Exception {
        return InetAddress.getByName(literal);
    }

    private Neighbour found(String address) throws Exception {
        return neighbours.find(eth0, ip(address)).orElseThrow();
    }

    private void awaitState(String address, NeighbourState state) throws Exception {
        InetAddress wanted = ip(address);
        Eventually.isTrue(
                address + " is " + state,
                () -> neighbours.find(eth0, wanted).filter(n -> n.state() == state).isPresent());
    }

    @Test
    void anAddressThatNobodyAskedForHasNoEntry() throws Exception {
        assertThat(netlink.link("eth0").isEthernet()).isTrue();
        assertThat(neighbours.find(eth0, ip("192.0.2.2"))).isEmpty();
        assertThat(neighbours.find(eth0, ip("2001:db8::2"))).isEmpty();
        assertThatThrownBy(() -> neighbours.find(4711, ip("192.0.2.2")))
                .hasMessageStartingWith("cannot look for neighbour 192.0.2.2: ENODEV (19)");
    }

    /** But for delay: the kernel goes on from it at once, when {@code ip} asks for it. */
    @Test
    void everyStateIsReadAsIpWritesIt() throws Exception {
        for (NeighbourState state :
                List.of(
                        NeighbourState.REACHABLE,
                        NeighbourState.STALE,
                        NeighbourState.PROBE,
                        NeighbourState.NOARP,
                        NeighbourState.PERMANENT)) {
            host.run(
                    "ip neigh replace 192.0.2.77 dev eth0 lladdr 02:aa:bb:cc:dd:ee nud "
                            + state.name().toLowerCase(java.util.Locale.ROOT));

            Neighbour neighbour = found("192.0.2.77");
            assertThat(neighbour.state()).isEqualTo(state);
            assertThat(neighbour.linkAddress()).isEqualTo(0x02_aa_bb_cc_dd_eeL);
            assertThat(Neighbour.linkText(neighbour.linkAddress())).isEqualTo("02:aa:bb:cc:dd:ee");
            assertThat(neighbour.isUsable()).isTrue();
            assertThat(neighbour.isKeptByOthers()).isFalse();
        }
        host.run("ip neigh change 192.0.2.77 dev eth0 lladdr 02:aa:bb:cc:dd:ee nud failed");
        assertThat(found("192.0.2.77").isUsable()).isFalse();
    }

    @Test
    void useHasAMissingNeighbourAskedFor() throws Exception {
        for (String address : new String[] {"192.0.2.2", "2001:db8::2"}) {
            neighbours.use(eth0, ip(address));

            awaitState(address, NeighbourState.REACHABLE);
            assertThat(found(address).linkAddress()).isEqualTo(PEER_LINK_BITS);
        }
        assertThat(host.run("ip neigh show 192.0.2.2 dev eth0").stdout())
                .contains("lladdr " + PEER_LINK + " ")
                .contains("REACHABLE");
    }

    @Test
    void useHasAStaleNeighbourAskedAgainAndKeepsItsAddressMeanwhile() throws Exception {
        host.run("ip neigh add 192.0.2.2 dev eth0 lladdr " + PEER_LINK + " nud stale");

        neighbours.use(eth0, ip("192.0.2.2"));

        Neighbour used = found("192.0.2.2");
        assertThat(used.state()).isEqualTo(NeighbourState.DELAY);
        assertThat(used.linkAddress()).isEqualTo(PEER_LINK_BITS);
        awaitState("192.0.2.2", NeighbourState.REACHABLE);
    }

    @Test
    void aNeighbourThatDoesNotAnswerFails() throws Exception {
        neighbours.use(eth0, ip("192.0.2.3"));

        assertThat(found("192.0.2.3").state()).isEqualTo(NeighbourState.INCOMPLETE);
        awaitState("192.0.2.3", NeighbourState.FAILED);
        assertThat(found("192.0.2.3").isUsable()).isFalse();
    }

    @Test
    void entriesAreFoundInTheWholeListWhereTheKernelKnowsNoOther() throws Exception {
        host.run("ip neigh add 192.0.2.77 dev eth0 lladdr 02:aa:bb:cc:dd:ee");
        host.run("ip neigh add 192.0.2.78 dev eth0 lladdr 02:aa:bb:cc:dd:ef");

        assertThat(neighbours.findInList(eth0, ip("192.0.2.78"), "cannot list"))
                .contains(found("192.0.2.78"));
        assertThat(neighbours.findInList(eth0, ip("192.0.2.79"), "cannot list")).isEmpty();
        assertThat(neighbours.findInList(4711, ip("192.0.2.78"), "cannot list")).isEmpty();
    }

    @Test
    void onlyWhoAskedForThemHearsOfNeighbours() throws Exception {
        try (RouteMonitor asked = NamespaceThread.call(host, RouteMonitor::openWithNeighbours);
                RouteMonitor other = NamespaceThread.call(host, RouteMonitor::open)) {
            host.run("ip neigh add 192.0.2.77 dev eth0 lladdr 02:aa:bb:cc:dd:ee nud stale");
            Neighbour added = found("192.0.2.77");
            host.run("ip neigh del 192.0.2.77 dev eth0");
            host.run("ip route add 198.51.100.0/24 dev eth0");

            List<NetlinkEvent> heard = events(asked);
            assertThat(heard)
                    .startsWith(new NeighbourChanged(true, added))
                    .filteredOn(NeighbourChanged.class::isInstance)
                    .last()
                    .satisfies(
                            event -> assertThat(((NeighbourChanged) event).isPresent()).isFalse());
            assertThat(heard).hasAtLeastOneElementOfType(RouteChanged.class);
            assertThat(events(other)).hasSize(1).hasOnlyElementsOfType(RouteChanged.class);
        }
    }

    private static List<NetlinkEvent> events(RouteMonitor monitor) {
        List<NetlinkEvent> events = new ArrayList<>();
        monitor.drain(events::add);
        return events;
    }
}

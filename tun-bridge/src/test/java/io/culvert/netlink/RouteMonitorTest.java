package io.culvert.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.LibC;
import io.culvert.linux.NativeMemory;
import io.culvert.netlink.NetlinkEvent.AddressChanged;
import io.culvert.netlink.NetlinkEvent.LinkChanged;
import io.culvert.netlink.NetlinkEvent.LinkDeleted;
import io.culvert.netlink.NetlinkEvent.LinkMoved;
import io.culvert.netlink.NetlinkEvent.Overrun;
import io.culvert.netlink.NetlinkEvent.RouteChanged;
import io.culvert.netlink.NetlinkEvent.RulesChanged;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a monitor hears of that {@code ip} does. The kernel queues an event before it answers {@code
 * ip}, so nothing here has to wait.
 */
@NeedsRoot
class RouteMonitorTest {
    @TempDir private Path directory;
    private NetworkNamespace host;
    private RouteMonitor monitor;
    private RouteNetlink netlink;

    @BeforeEach
    void openInANamespaceOfItsOwn() throws Exception {
        host = NetworkNamespace.create("rtmon");
        host.run("ip tuntap add tun0 mode tun");
        netlink = NamespaceThread.call(host, RouteNetlink::open);
        monitor = NamespaceThread.call(host, RouteMonitor::open);
    }

    @AfterEach
    void close() {
        if (monitor != null) {
            monitor.close();
        }
        if (netlink != null) {
            netlink.close();
        }
        host.close();
    }

    private List<NetlinkEvent> events() {
        List<NetlinkEvent> events = new ArrayList<>();
        monitor.drain(events::add);
        return events;
    }

    /** Runs a command line and returns what was heard of it. */
    private List<NetlinkEvent> eventsOf(String commandLine) {
        host.run(commandLine);
        return events();
    }

    private static <E extends NetlinkEvent> List<E> only(Class<E> type, List<NetlinkEvent> events) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static InetAddress ip(String literal) throws Exception {
        return InetAddress.getByName(literal);
    }

    @Test
    void nothingIsHeardBeforeSomethingHappens() {
        assertThat(monitor.fd()).isNotNegative();
        assertThat(events()).isEmpty();
    }

    @Test
    void aDeviceThatGoesUpOrGetsAnotherMtuOrNameIsHeardOf() {
        Link before = netlink.link("tun0");

        List<LinkChanged> up = only(LinkChanged.class, eventsOf("ip link set tun0 up"));
        assertThat(up).last().satisfies(event -> assertThat(event.link().isUp()).isTrue());

        List<LinkChanged> mtu = only(LinkChanged.class, eventsOf("ip link set tun0 mtu 1400"));
        assertThat(mtu).last().satisfies(e -> assertThat(e.link().linkMtu()).isEqualTo(1400));

        List<NetlinkEvent> down = eventsOf("ip link set tun0 down");
        assertThat(only(LinkChanged.class, down))
                .last()
                .satisfies(event -> assertThat(event.link().isUp()).isFalse());

        List<NetlinkEvent> renamed = eventsOf("ip link set tun0 name gre9");
        assertThat(only(LinkChanged.class, renamed))
                .extracting(event -> event.link().index() + " " + event.link().name())
                .containsOnly(before.index() + " gre9");
        assertThat(only(LinkDeleted.class, down)).isEmpty();
    }

    @Test
    void aDeletedDeviceIsGone() {
        int tun0 = netlink.link("tun0").index();

        List<NetlinkEvent> events = eventsOf("ip link del tun0");

        assertThat(events).endsWith(new LinkDeleted(tun0, "tun0"));
        assertThat(only(LinkMoved.class, events)).isEmpty();
    }

    @Test
    void aDeviceThatMovesToAnotherNamespaceIsNotTakenForDeleted() throws Exception {
        host.run("ip link set tun0 up");
        int tun0 = netlink.link("tun0").index();
        events();
        try (NetworkNamespace other = NetworkNamespace.create("other")) {
            other.run("ip tuntap add tun9 mode tun");
            List<NetlinkEvent> events = eventsOf("ip link set tun0 netns " + other.name());

            try (RouteNetlink there = NamespaceThread.call(other, RouteNetlink::open)) {
                assertThat(only(LinkMoved.class, events))
                        .singleElement()
                        .satisfies(
                                moved -> {
                                    assertThat(moved.index()).isEqualTo(tun0);
                                    assertThat(moved.name()).isEqualTo("tun0");
                                    assertThat(moved.newIndex())
                                            .isEqualTo(there.link("tun0").index());
                                    assertThat(moved.namespaceId()).isNotNegative();
                                });
            }
            assertThat(only(LinkDeleted.class, events)).isEmpty();
            assertThat(only(LinkChanged.class, events))
                    .first()
                    .satisfies(event -> assertThat(event.link().isUp()).isFalse());

            other.run("ip link set tun0 up");
            assertThat(only(LinkChanged.class, events())).isEmpty();
        }
    }

    @Test
    void aDeviceThatOnlyLeavesItsBridgeIsNotDeleted() {
        host.run("ip link add br0 type bridge");
        host.run("ip tuntap add port0 mode tap");
        host.run("ip link set port0 master br0");
        events();

        assertThat(only(LinkDeleted.class, eventsOf("ip link set port0 nomaster"))).isEmpty();
    }

    @Test
    void addressesComeAndGo() throws Exception {
        int tun0 = netlink.link("tun0").index();

        assertThat(only(AddressChanged.class, eventsOf("ip addr add 192.0.2.1/24 dev tun0")))
                .containsExactly(new AddressChanged(true, ip("192.0.2.1"), tun0));
        assertThat(only(AddressChanged.class, eventsOf("ip addr del 192.0.2.1/24 dev tun0")))
                .containsExactly(new AddressChanged(false, ip("192.0.2.1"), tun0));
        assertThat(only(AddressChanged.class, eventsOf("ip addr add 2001:db8::1/64 dev tun0")))
                .contains(new AddressChanged(true, ip("2001:db8::1"), tun0));
        assertThat(
                        only(
                                AddressChanged.class,
                                eventsOf("ip addr add 192.0.2.1 peer 192.0.2.2 dev tun0")))
                .containsExactly(new AddressChanged(true, ip("192.0.2.1"), tun0));
    }

    @Test
    void routesComeAndGo() throws Exception {
        host.run("ip link set tun0 up");
        int tun0 = netlink.link("tun0").index();
        events();
        IpPrefix ipv4 = new IpPrefix(ip("198.51.100.0"), 24);
        IpPrefix ipv6 = new IpPrefix(ip("2001:db8:2::"), 48);

        assertThat(eventsOf("ip route add 198.51.100.0/24 dev tun0"))
                .containsExactly(new RouteChanged(true, ipv4, tun0, 254));
        assertThat(eventsOf("ip route del 198.51.100.0/24 dev tun0"))
                .containsExactly(new RouteChanged(false, ipv4, tun0, 254));
        assertThat(eventsOf("ip -6 route add 2001:db8:2::/48 dev tun0"))
                .containsExactly(new RouteChanged(true, ipv6, tun0, 254));
        assertThat(eventsOf("ip route add default dev tun0 table 100"))
                .containsExactly(new RouteChanged(true, new IpPrefix(ip("0.0.0.0"), 0), tun0, 100));
    }

    /** The reason why an event of a device has to be taken for one of its routes. */
    @Test
    void ipv4RoutesGoWithTheirDeviceWithoutAnEvent() {
        host.run("ip link set tun0 up");
        host.run("ip route add 198.51.100.0/24 dev tun0");
        events();

        List<NetlinkEvent> events = eventsOf("ip link set tun0 down");

        assertThat(host.run("ip route show").stdout()).isEmpty();
        assertThat(events).hasAtLeastOneElementOfType(LinkChanged.class);
        assertThat(only(RouteChanged.class, events))
                .noneMatch(event -> event.prefix().toString().equals("198.51.100.0/24"));
    }

    @Test
    void rulesChange() {
        assertThat(eventsOf("ip rule add fwmark 7 lookup 100"))
                .contains(new RulesChanged())
                .hasOnlyElementsOfType(RulesChanged.class);
        assertThat(eventsOf("ip -6 rule add fwmark 7 lookup 100")).contains(new RulesChanged());
    }

    @Test
    void moreThanTheSocketHoldsIsAnOverrunAndListeningGoesOn() throws Exception {
        host.run("ip link set tun0 up");
        events();
        Path batch = directory.resolve("routes");
        Files.writeString(
                batch,
                IntStream.range(0, 5_000)
                        .mapToObj(i -> "route add 198.18.%d.%d dev tun0".formatted(i >> 8, i & 255))
                        .collect(Collectors.joining("\n", "", "\n")));

        List<NetlinkEvent> events = eventsOf("ip -batch " + batch);
        assertThat(events).filteredOn(new Overrun()::equals).hasSize(1);
        assertThat(events).hasSizeBetween(2, 5_000);

        assertThat(eventsOf("ip route del 198.18.0.0 dev tun0"))
                .hasSize(1)
                .hasOnlyElementsOfType(RouteChanged.class);
    }

    /** Who has CAP_NET_ADMIN can send to any netlink socket. */
    @Test
    void whatAnotherProcessSendsIsNotTakenForTheKernels() throws Exception {
        NativeMemory address = NativeMemory.allocate(12); // struct sockaddr_nl
        NativeMemory rule = NativeMemory.allocate(16); // struct nlmsghdr
        rule.bytes().putInt(0, 16).putShort(4, (short) Rtnetlink.RTM_NEWRULE);
        LibC.getsockname(monitor.fd(), address.address(), NativeMemory.ofInt(12).address());

        long sent =
                NamespaceThread.call(
                        host,
                        () -> {
                            int fd = LibC.socket(Rtnetlink.AF_NETLINK, Rtnetlink.SOCK_RAW, 0);
                            try {
                                return LibC.sendto(
                                        fd, rule.address(), 16, 0, address.address(), 12);
                            } finally {
                                LibC.close(fd);
                            }
                        });

        assertThat(sent).isEqualTo(16);
        assertThat(isReadable(monitor.fd())).isTrue();
        assertThat(events()).isEmpty();
        assertThat(isReadable(monitor.fd())).isFalse();
    }

    private static boolean isReadable(int fd) {
        NativeMemory pollfd = NativeMemory.allocate(8);
        pollfd.bytes().putInt(0, fd).putShort(4, (short) Rtnetlink.POLLIN);
        return LibC.poll(pollfd.address(), 1, 0) == 1;
    }

    @Test
    void aClosedMonitorMayBeClosedAgain() {
        monitor.close();
        monitor.close();
    }
}

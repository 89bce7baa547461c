package io.culvert.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.Errno;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.net.InetAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where packets go: each kind of route, in a namespace that has them all. */
@NeedsRoot
class RouteAnswerTest {
    private NetworkNamespace host;
    private RouteNetlink netlink;

    @BeforeEach
    void openInANamespaceOfItsOwn() throws Exception {
        host = NetworkNamespace.create("rtget");
        host.run("ip link add eth0 type veth peer name far0");
        host.run("ip link set eth0 up");
        host.run("ip link set far0 up");
        host.address("eth0", "192.0.2.1/24");
        host.address("eth0", "2001:db8::1/64");
        netlink = NamespaceThread.call(host, RouteNetlink::open);
    }

    @AfterEach
    void close() {
        if (netlink != null) {
            netlink.close();
        }
        host.close();
    }

    private static InetAddress ip(String literal) throws Exception {
        return InetAddress.getByName(literal);
    }

    private RouteAnswer route(String destination) throws Exception {
        return netlink.route(ip(destination), null, 0, 0);
    }

    @Test
    void aRouteThroughAGatewayIsToldInFull() throws Exception {
        host.run("ip route add 198.51.100.0/24 via 192.0.2.9 metric 50 mtu 1300");

        RouteAnswer answer = route("198.51.100.7");

        assertThat(answer)
                .isEqualTo(
                        new RouteAnswer(
                                ip("198.51.100.7"),
                                RouteType.UNICAST,
                                0,
                                netlink.link("eth0").index(),
                                "eth0",
                                ip("192.0.2.9"),
                                ip("192.0.2.1"),
                                new IpPrefix(ip("198.51.100.0"), 24),
                                254,
                                50,
                                new RouteMtus(1500, 1300, 0, 0, false),
                                false));
        assertThat(answer.words()).isEqualTo("198.51.100.0/24 via 192.0.2.9 dev eth0");
        assertThat(answer.isReachable()).isTrue();
        assertThat(answer.isLocal()).isFalse();
    }

    @Test
    void theWordsAreThoseOfIpRoute() throws Exception {
        host.run("ip route add default via 192.0.2.254");
        host.run("ip route add 203.0.113.5 via 192.0.2.9");
        host.run("ip -6 route add 2001:db8:5::/48 via 2001:db8::9");

        assertThat(route("198.51.100.7").words()).isEqualTo("default via 192.0.2.254 dev eth0");
        assertThat(route("203.0.113.5").words()).isEqualTo("203.0.113.5 via 192.0.2.9 dev eth0");
        assertThat(route("192.0.2.77").words()).isEqualTo("192.0.2.0/24 dev eth0");
        assertThat(route("192.0.2.1").words()).isEqualTo("local 192.0.2.1 dev lo");
        assertThat(route("192.0.2.255").words()).isEqualTo("broadcast 192.0.2.255 dev eth0");
        assertThat(route("2001:db8:5::7").words())
                .isEqualTo("2001:db8:5::/48 via 2001:db8::9 dev eth0");
        assertThat(route("2001:db8::77").words()).isEqualTo("2001:db8::/64 dev eth0");
        assertThat(route("2001:db8::1").words()).isEqualTo("local 2001:db8::1 dev lo");
    }

    @Test
    void anAddressOfTheHostIsLocal() throws Exception {
        assertThat(route("192.0.2.1").isLocal()).isTrue();
        assertThat(route("127.1.2.3").isLocal()).isTrue();
        assertThat(route("2001:db8::1").isLocal()).isTrue();
        assertThat(route("192.0.2.77").isLocal()).isFalse();
    }

    @Test
    void aRouteToTheOtherFamilysGatewayNamesIt() throws Exception {
        host.run("ip route add 198.51.100.0/24 via inet6 2001:db8::9 dev eth0");

        assertThat(route("198.51.100.7").words())
                .isEqualTo("198.51.100.0/24 via 2001:db8::9 dev eth0");
    }

    @Test
    void oneOfSeveralHopsIsTheAnswer() throws Exception {
        host.run(
                "ip route add 198.51.100.0/24 nexthop via 192.0.2.8 dev eth0"
                        + " nexthop via 192.0.2.9 dev eth0");

        RouteAnswer answer = route("198.51.100.7");

        assertThat(answer.matchedPrefix()).hasToString("198.51.100.0/24");
        assertThat(answer.outName()).isEqualTo("eth0");
        assertThat(answer.gateway()).isIn(ip("192.0.2.8"), ip("192.0.2.9"));
    }

    @Test
    void noWayIsAnAnswerAndNoException() throws Exception {
        RouteAnswer answer = route("198.51.100.7");

        assertThat(answer.isReachable()).isFalse();
        assertThat(answer.type()).isEqualTo(RouteType.NO_ROUTE);
        assertThat(answer.errno()).isEqualTo(Errno.ENETUNREACH);
        assertThat(answer.outIndex()).isZero();
        assertThat(answer.outName()).isEmpty();
        assertThat(answer.pathMtu()).isZero();
        assertThat(answer.matchedPrefix()).isNull();
        assertThat(answer.words()).isEqualTo("no route to 198.51.100.7");
        assertThat(route("2001:db8:9::1").type()).isEqualTo(RouteType.NO_ROUTE);
    }

    @Test
    void routesThatRefuseAreToldApart() throws Exception {
        for (String family : new String[] {"203.0.113.%d", "2001:db8:5::%d"}) {
            host.run("ip route add blackhole " + family.formatted(1));
            host.run("ip route add unreachable " + family.formatted(2));
            host.run("ip route add prohibit " + family.formatted(3));

            assertThat(route(family.formatted(1)).type()).isEqualTo(RouteType.BLACKHOLE);
            assertThat(route(family.formatted(2)).type()).isEqualTo(RouteType.UNREACHABLE);
            assertThat(route(family.formatted(3)).type()).isEqualTo(RouteType.PROHIBIT);
            assertThat(route(family.formatted(3)).words())
                    .isEqualTo("a route of type prohibit to " + family.formatted(3));
        }
    }

    @Test
    void aSourceThatIsNotTheHostsIsToldFromAMissingRoute() throws Exception {
        host.run("ip route add 198.51.100.0/24 via 192.0.2.9");

        RouteAnswer foreign = netlink.route(ip("198.51.100.7"), ip("192.0.2.66"), 0, 0);
        assertThat(foreign.type()).isEqualTo(RouteType.FOREIGN_SOURCE);
        assertThat(foreign.isReachable()).isFalse();
        RouteAnswer own = netlink.route(ip("198.51.100.7"), ip("192.0.2.1"), 0, 0);
        assertThat(own.type()).isEqualTo(RouteType.UNICAST);
        assertThat(own.preferredSource()).isEqualTo(ip("192.0.2.1"));
        assertThat(netlink.route(ip("198.18.0.1"), ip("192.0.2.1"), 0, 0).type())
                .isEqualTo(RouteType.NO_ROUTE);
    }

    @Test
    void markAndDeviceChooseTheRoute() throws Exception {
        host.run("ip route add 198.51.100.0/24 via 192.0.2.9");
        host.run("ip route add 198.51.100.0/24 via 192.0.2.8 table 100");
        host.run("ip rule add fwmark 7 lookup 100");
        host.run("ip tuntap add tun0 mode tun");
        host.run("ip link set tun0 up");

        assertThat(route("198.51.100.7").words())
                .isEqualTo("198.51.100.0/24 via 192.0.2.9 dev eth0");
        assertThat(netlink.route(ip("198.51.100.7"), null, 0, 7).words())
                .isEqualTo("198.51.100.0/24 via 192.0.2.8 dev eth0 table 100");
        int tun0 = netlink.link("tun0").index();
        assertThat(netlink.route(ip("198.51.100.7"), null, tun0, 0).outName()).isEqualTo("tun0");
        assertThatThrownBy(() -> netlink.route(ip("198.51.100.7"), null, 4711, 0))
                .hasMessageStartingWith("cannot look up the route to 198.51.100.7: ENODEV (19)");
    }

    @Test
    void thePathMtuIsTheSmallestOfDeviceAndRoute() throws Exception {
        host.run("ip route add 198.51.100.0/24 via 192.0.2.9 mtu 1300");
        host.run("ip route add 203.0.113.0/24 via 192.0.2.9 mtu 9000");

        assertThat(route("192.0.2.77").pathMtu()).isEqualTo(1500);
        assertThat(route("198.51.100.7").pathMtu()).isEqualTo(1300);
        assertThat(route("203.0.113.7").pathMtu()).isEqualTo(1500);
    }

    /** A router whose far link is narrower tells so by ICMP, and the host remembers. */
    @Test
    @NeedsRoot(programs = "ping")
    void aPathMtuLearntFromIcmpShowsWhileTheRouteStaysAsItIs() throws Exception {
        try (NetworkNamespace router = NetworkNamespace.create("router");
                NetworkNamespace far = NetworkNamespace.create("far")) {
            NetworkNamespace.connect(host, "eth1", router, "eth0");
            NetworkNamespace.connect(router, "eth1", far, "eth0");
            for (String family : new String[] {"198.51.100.%s/25", "2001:db8:7::%s/112"}) {
                host.address("eth1", family.formatted("1"));
                router.address("eth0", family.formatted("2"));
            }
            for (String family : new String[] {"203.0.113.%s/24", "2001:db8:8::%s/112"}) {
                router.address("eth1", family.formatted("1"));
                far.address("eth0", family.formatted("2"));
            }
            router.run("ip link set eth1 mtu 1300");
            router.exec("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
            router.exec("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
            host.run("ip route add 203.0.113.0/24 via 198.51.100.2");
            host.run("ip route add 2001:db8:8::/112 via 2001:db8:7::2");

            for (String remote : new String[] {"203.0.113.2", "2001:db8:8::2"}) {
                RouteAnswer before = route(remote);
                assertThat(before.pathMtu()).isEqualTo(1500);
                host.attempt("ping", "-M", "do", "-s", "1400", "-c", "1", "-W", "2", remote);

                RouteAnswer after = route(remote);
                assertThat(after.pathMtu()).isEqualTo(1300);
                assertThat(after.words()).isEqualTo(before.words());
            }
        }
    }
}

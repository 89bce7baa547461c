package io.culvert.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.Errno;
import io.culvert.linux.LinuxException;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.net.InetAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What this package asks and changes, against what {@code ip} says in the same namespace. */
@NeedsRoot
class RouteNetlinkTest {
    private NetworkNamespace host;
    private RouteNetlink netlink;

    @BeforeEach
    void openInANamespaceOfItsOwn() throws Exception {
        host = NetworkNamespace.create("rtnl");
        host.run("ip tuntap add tun0 mode tun");
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

    private static IpPrefix prefix(String literal, int lengthBits) throws Exception {
        return new IpPrefix(ip(literal), lengthBits);
    }

    private int tun0() {
        return netlink.link("tun0").index();
    }

    private String ip6AddressesOfTun0() {
        return host.run("ip -6 -o addr show dev tun0").stdout();
    }

    @Test
    void aLinkIsFoundByNameAndByIndex() {
        Link link = netlink.link("tun0");

        assertThat(link.name()).isEqualTo("tun0");
        assertThat(link.kind()).isEqualTo("tun");
        assertThat(link.linkMtu()).isEqualTo(1500);
        assertThat(link.isUp()).isFalse();
        assertThat(link.isLoopback()).isFalse();
        assertThat(netlink.link(link.index())).isEqualTo(link);
        assertThat(host.run("ip link show dev tun0").stdout()).startsWith(link.index() + ": tun0:");
    }

    @Test
    void allLinksAreListed() {
        assertThat(netlink.links()).extracting(Link::name).contains("lo", "tun0");
        assertThat(netlink.links()).filteredOn(Link::isLoopback).hasSize(1);
    }

    @Test
    void aMissingLinkIsEmptyOrAnErrorThatNamesIt() {
        assertThat(netlink.findLink("none0")).isEmpty();
        assertThatThrownBy(() -> netlink.link("none0"))
                .isInstanceOf(LinuxException.class)
                .hasMessageStartingWith("cannot find none0: ENODEV (19): no such device")
                .extracting(e -> ((LinuxException) e).errno())
                .isEqualTo(Errno.ENODEV);
        assertThatThrownBy(() -> netlink.link(4711)).hasMessageContaining("index 4711: ENODEV");
        assertThat(netlink.link("lo").isUp()).isTrue();
    }

    @Test
    void aNameLongerThanAnyDevicesMayBeAnAlternativeOne() {
        String alternative = "tunnel-to-the-office-in-hongkong";
        assertThat(netlink.findLink(alternative)).isEmpty();

        host.run("ip link property add dev tun0 altname " + alternative);
        assertThat(netlink.link(alternative)).isEqualTo(netlink.link("tun0"));
    }

    @Test
    void settingUpAndTheMtuChangesNothingElse() {
        netlink.setMtu(tun0(), 1476);
        Link down = netlink.link("tun0");
        assertThat(down.linkMtu()).isEqualTo(1476);
        assertThat(down.isUp()).isFalse();

        netlink.setUp(tun0());
        assertThat(netlink.link("tun0").isUp()).isTrue();
        assertThat(netlink.link("tun0").linkMtu()).isEqualTo(1476);
        assertThat(host.run("ip link show dev tun0").stdout()).contains("UP").contains("mtu 1476");
    }

    @Test
    void theTransmitQueueIsSetAndNothingElse() {
        netlink.setTransmitQueue(tun0(), 1000);
        assertThat(host.run("ip link show dev tun0").stdout())
                .contains("qlen 1000")
                .contains("mtu 1500")
                .contains("state DOWN");
    }

    @Test
    void anMtuOutOfBoundsIsRefusedInTheKernelsWords() {
        assertThatThrownBy(() -> netlink.setMtu(tun0(), 70_000))
                .hasMessage(
                        "cannot set the MTU of tun0 to 70000: EINVAL (22): invalid argument;"
                                + " the kernel says: mtu greater than device maximum");
        assertThat(netlink.link("tun0").linkMtu()).isEqualTo(1500);
    }

    @Test
    void addressesAreAddedAsIpAddsThem() throws Exception {
        host.run("ip tuntap add tun1 mode tun");
        host.run("ip addr add 192.0.2.1/24 dev tun1");
        host.run("ip addr add 198.51.100.1 peer 198.51.100.2 dev tun1");
        host.run("ip addr add 2001:db8::1/64 dev tun1");
        host.run("ip addr add 2001:db8:1::1 peer 2001:db8:1::2 dev tun1");
        host.run("ip addr add 127.0.0.77/8 dev tun1");

        netlink.addAddress(tun0(), ip("192.0.2.1"), 24, null);
        netlink.addAddress(tun0(), ip("198.51.100.1"), 32, ip("198.51.100.2"));
        netlink.addAddress(tun0(), ip("2001:db8::1"), 64, null);
        netlink.addAddress(tun0(), ip("2001:db8:1::1"), 128, ip("2001:db8:1::2"));
        netlink.addAddress(tun0(), ip("127.0.0.77"), 8, null);

        assertThat(addressLines("tun0")).isEqualTo(addressLines("tun1"));
        assertThat(addressLines("tun0")).hasLineCount(5);
    }

    /** What {@code ip} lists on a device, without index and name. */
    private String addressLines(String device) {
        return host.run("ip -o addr show dev " + device)
                .stdout()
                .replaceAll("(?m)^\\d+: \\S+ +", "")
                .replace(device, "DEV");
    }

    @Test
    void anIpv6AddressOnATunNeedsNoDuplicateAddressDetection() throws Exception {
        netlink.addAddress(tun0(), ip("2001:db8::1"), 64, null);
        netlink.setUp(tun0());

        assertThat(ip6AddressesOfTun0()).contains("2001:db8::1/64").doesNotContain("tentative");
    }

    @Test
    void anAddressThatIsThereAlreadyIsLeftAsItIs() throws Exception {
        netlink.addAddress(tun0(), ip("192.0.2.1"), 24, null);
        netlink.addAddress(tun0(), ip("192.0.2.1"), 24, null);

        assertThat(netlink.addresses()).filteredOn(a -> a.linkName().equals("tun0")).hasSize(1);
    }

    @Test
    void anIpv6AddressWhereIpv6IsOffIsRefused() {
        host.exec("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/tun0/disable_ipv6");

        assertThatThrownBy(() -> netlink.addAddress(tun0(), ip("2001:db8::1"), 64, null))
                .hasMessageStartingWith("cannot add 2001:db8::1/64 to tun0: EACCES (13): ")
                .hasMessageEndingWith("sysctl -w net.ipv6.conf.tun0.disable_ipv6=0");
        assertThat(ip6AddressesOfTun0()).isEmpty();
    }

    @Test
    void addressesAreListedWithDeviceAndPeer() throws Exception {
        host.run("ip addr add 192.0.2.1/24 dev tun0");
        host.run("ip addr add 198.51.100.1 peer 198.51.100.2 dev tun0");
        host.run("ip addr add 2001:db8::1/64 dev tun0");
        int tun0 = tun0();

        assertThat(netlink.addresses())
                .contains(
                        new LocalAddress(tun0, "tun0", ip("192.0.2.1"), 24, null),
                        new LocalAddress(tun0, "tun0", ip("198.51.100.1"), 32, ip("198.51.100.2")),
                        new LocalAddress(tun0, "tun0", ip("2001:db8::1"), 64, null))
                .extracting(LocalAddress::words)
                .contains("127.0.0.1 (lo)", "192.0.2.1 (tun0)", "2001:db8::1 (tun0)");
    }

    @Test
    void routesAreAddedAsIpAddsThemAndRemoved() throws Exception {
        netlink.setUp(tun0());
        netlink.addRoute(prefix("198.51.100.0", 24), tun0());
        netlink.addRoute(prefix("2001:db8:2::", 48), tun0());
        netlink.addRoute(prefix("0.0.0.0", 0), tun0());

        assertThat(host.run("ip -N route show").stdout())
                .contains("198.51.100.0/24 dev tun0 scope 253")
                .contains("default dev tun0 scope 253");
        assertThat(host.run("ip -6 route show 2001:db8:2::/48").stdout())
                .contains("dev tun0 metric 1024");

        netlink.removeRoute(prefix("198.51.100.0", 24), tun0());
        netlink.removeRoute(prefix("2001:db8:2::", 48), tun0());
        assertThat(host.run("ip route show").stdout())
                .doesNotContain("198.51.100")
                .contains("default dev tun0");
        assertThat(host.run("ip -6 route show 2001:db8:2::/48").stdout()).isEmpty();
        assertThatThrownBy(() -> netlink.removeRoute(prefix("198.51.100.0", 24), tun0()))
                .hasMessage(
                        "cannot remove route 198.51.100.0/24 dev tun0:"
                                + " ESRCH (3): no such entry");
    }

    @Test
    void aRouteThatIsInTheWayIsNamed() throws Exception {
        host.run("ip tuntap add tun1 mode tun");
        host.run("ip link set tun1 up");
        host.run("ip route add 198.51.100.0/24 dev tun1");
        netlink.setUp(tun0());

        assertThatThrownBy(() -> netlink.addRoute(prefix("198.51.100.0", 24), tun0()))
                .hasMessage(
                        "cannot add route 198.51.100.0/24 dev tun0: EEXIST (17): exists already;"
                                + " there is 198.51.100.0/24 dev tun1;"
                                + " remove it with: ip route del 198.51.100.0/24 dev tun1");
        assertThat(host.run("ip route show").stdout()).doesNotContain("tun0");
    }

    @Test
    void nobodyIsToldToRemoveTheDefaultRouteOfTheHost() throws Exception {
        host.run("ip tuntap add tun2 mode tun");
        host.run("ip address add 192.0.2.1/24 dev tun2");
        host.run("ip link set tun2 up");
        host.run("ip route add default via 192.0.2.9 dev tun2");
        netlink.setUp(tun0());

        assertThatThrownBy(() -> netlink.addRoute(prefix("0.0.0.0", 0), tun0()))
                .hasMessage(
                        "cannot add route default dev tun0: EEXIST (17): exists already;"
                                + " there is default via 192.0.2.9 dev tun2; leave it:"
                                + " give the remote, and whoever works here by ssh, a route of its"
                                + " own (ip route add ADDR via 192.0.2.9 dev tun2), then say"
                                + " route 0.0.0.0/1 route 128.0.0.0/1 in place of route default");

        host.run("ip route add 198.51.100.2 via 192.0.2.9 dev tun2");
        netlink.addRoute(prefix("0.0.0.0", 1), tun0());
        netlink.addRoute(prefix("128.0.0.0", 1), tun0());
        assertThat(host.run("ip route get 198.51.100.2").stdout()).contains("dev tun2");
        assertThat(host.run("ip route get 198.51.100.3").stdout()).contains("dev tun0");
    }

    @Test
    void aRouteOverADeviceThatIsDownIsRefusedWithWhatToDo() {
        assertThatThrownBy(() -> netlink.addRoute(prefix("198.51.100.0", 24), tun0()))
                .hasMessageContaining("ENETDOWN (100)")
                .hasMessageContaining("set the device up first");
    }
}

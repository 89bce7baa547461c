package io.culvert.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.netlink.NetlinkEvent.AddressChanged;
import io.culvert.netlink.NetlinkEvent.LinkChanged;
import io.culvert.netlink.NetlinkEvent.LinkDeleted;
import io.culvert.netlink.NetlinkEvent.LinkMoved;
import io.culvert.netlink.NetlinkEvent.NeighbourChanged;
import io.culvert.netlink.NetlinkEvent.RouteChanged;
import io.culvert.netlink.NetlinkEvent.RulesChanged;
import org.junit.jupiter.api.Test;

/**
 * Messages as Linux 6.18 sent them; of links, only the attributes that somebody reads and some that
 * nobody does.
 */
class RtnetlinkDecodingTest {
    private static final String LINK_T0 =
            "00 00 feff 04000000 91100000 00000000" // ifinfomsg
                    + "0700 0300 743000 00" // IFLA_IFNAME
                    + "0800 0d00 f4010000" // IFLA_TXQLEN
                    + "0500 1000 02 000000" // IFLA_OPERSTATE
                    + "0800 0400 dc050000" // IFLA_MTU
                    + "3800 1200 0800 0100 74756e00" // IFLA_LINKINFO, IFLA_INFO_KIND
                    + "2c00 0200 0500 0300 01000000 0500 0400 00000000 0500 0500 00000000"
                    + "0500 0600 01000000 0500 0700 00000000"; // IFLA_INFO_DATA

    /** A message of a type with this payload, under a header made for it. */
    private static NetlinkMessage message(int type, String... payload) {
        int length = Captured.bytes(payload).length + Rtnetlink.NLMSG_HEADER_LENGTH;
        String header = "%02x%02x0000 %02x00 0000 00000000 00000000";
        return Captured.message(
                header.formatted(length & 0xff, length >> 8, type), String.join("", payload));
    }

    @Test
    void aTunDeviceIsRead() {
        NetlinkMessage message = message(Rtnetlink.RTM_NEWLINK, LINK_T0);

        Link link = Link.read(message);
        assertThat(link).isEqualTo(new Link(4, "t0", 1500, 0x1091, "tun", 0xfffe));
        assertThat(link.isUp()).isTrue();
        assertThat(link.hasCarrier()).isFalse();
        assertThat(link.isLoopback()).isFalse();
        assertThat(link.isEthernet()).isFalse();
        assertThat(RouteMonitor.event(message)).isEqualTo(new LinkChanged(link));
    }

    @Test
    void aDeviceThatMovedIsToldFromADeletedOneByItsNamespace() {
        String gone = "00 00 feff 02000000 90100000 ffffffff 0900 0300 74756e30 00000000";

        assertThat(RouteMonitor.event(message(Rtnetlink.RTM_DELLINK, gone)))
                .isEqualTo(new LinkDeleted(2, "tun0"));
        assertThat(
                        RouteMonitor.event(
                                message(
                                        Rtnetlink.RTM_DELLINK,
                                        gone,
                                        "0800 2d00 00000000", // IFLA_NEW_NETNSID
                                        "0800 3100 03000000"))) // IFLA_NEW_IFINDEX
                .isEqualTo(new LinkMoved(2, "tun0", 3, 0));
    }

    @Test
    void linkMessagesOfABridgeAreNoEvents() {
        String port = "07 00 0000 02000000 90100000 ffffffff 0900 0300 74756e30 00000000";

        assertThat(RouteMonitor.event(message(Rtnetlink.RTM_DELLINK, port))).isNull();
        assertThat(RouteMonitor.event(message(Rtnetlink.RTM_NEWLINK, port))).isNull();
    }

    @Test
    void anIpv4AddressWithoutAPeerIsRead() {
        NetlinkMessage message =
                message(
                        Rtnetlink.RTM_NEWADDR,
                        "02 18 80 00 03000000", // ifaddrmsg
                        "0800 0100 c0000201", // IFA_ADDRESS
                        "0800 0200 c0000201", // IFA_LOCAL
                        "0700 0300 763000 00", // IFA_LABEL
                        "0800 0800 80000000"); // IFA_FLAGS

        assertThat(LocalAddress.read(message))
                .isEqualTo(new LocalAddress(3, "", Captured.ip("192.0.2.1"), 24, null));
        assertThat(RouteMonitor.event(message))
                .isEqualTo(new AddressChanged(true, Captured.ip("192.0.2.1"), 3));
    }

    @Test
    void anIpv4AddressWithAPeerIsRead() {
        NetlinkMessage message =
                message(
                        Rtnetlink.RTM_DELADDR,
                        "02 20 80 00 04000000",
                        "0800 0100 c6336402",
                        "0800 0200 c6336401");

        assertThat(LocalAddress.read(message))
                .isEqualTo(
                        new LocalAddress(
                                4,
                                "",
                                Captured.ip("198.51.100.1"),
                                32,
                                Captured.ip("198.51.100.2")));
        assertThat(RouteMonitor.event(message))
                .isEqualTo(new AddressChanged(false, Captured.ip("198.51.100.1"), 4));
    }

    /** IPv6 names one address only, and not as the local one. */
    @Test
    void anIpv6AddressIsRead() {
        NetlinkMessage message =
                message(
                        Rtnetlink.RTM_NEWADDR,
                        "0a 40 80 00 04000000",
                        "1400 0100 20010db8000000000000000000000001");

        assertThat(LocalAddress.read(message))
                .isEqualTo(new LocalAddress(4, "", Captured.ip("2001:db8::1"), 64, null));
    }

    @Test
    void anAddressMessageWithoutAnAddressIsNoEvent() {
        assertThat(RouteMonitor.event(message(Rtnetlink.RTM_NEWADDR, "02 18 80 00 03000000")))
                .isNull();
        assertThat(RouteMonitor.event(message(Rtnetlink.RTM_NEWADDR, "02 18"))).isNull();
    }

    /** {@code ip route get fibmatch} of a destination in 203.0.114.0/24 via 192.0.2.9 metric 50. */
    @Test
    void aRouteIsRead() {
        NetlinkMessage message =
                message(
                        Rtnetlink.RTM_NEWROUTE,
                        "02 18 00 00 fe 03 00 01 00000000", // rtmsg
                        "0800 0f00 fe000000", // RTA_TABLE
                        "0800 0100 cb007200", // RTA_DST
                        "0800 0600 32000000", // RTA_PRIORITY
                        "0c00 0800 0800 0200 14050000", // RTA_METRICS, RTAX_MTU
                        "0800 0500 c0000209", // RTA_GATEWAY
                        "0800 0400 03000000"); // RTA_OIF
        IpPrefix prefix = new IpPrefix(Captured.ip("203.0.114.0"), 24);

        Route route = Route.read(message);
        assertThat(route)
                .isEqualTo(
                        new Route(
                                prefix,
                                RouteType.UNICAST,
                                Captured.ip("192.0.2.9"),
                                3,
                                null,
                                254,
                                50,
                                1300,
                                false));
        assertThat(route.words("v0")).isEqualTo("203.0.114.0/24 via 192.0.2.9 dev v0");
        assertThat(RouteMonitor.event(message)).isEqualTo(new RouteChanged(true, prefix, 3, 254));
    }

    /** A default route names no destination, and a table above 255 has no place in the struct. */
    @Test
    void aDefaultRouteOfAnotherTableIsRead() {
        NetlinkMessage message =
                message(
                        Rtnetlink.RTM_DELROUTE,
                        "0a 00 00 00 fc 03 00 01 00000000",
                        "0800 0f00 e8030000",
                        "0800 0400 03000000");

        assertThat(Route.read(message).words("v0")).isEqualTo("default dev v0 table 1000");
        assertThat(RouteMonitor.event(message))
                .isEqualTo(new RouteChanged(false, new IpPrefix(Captured.ip("::"), 0), 3, 1000));
    }

    @Test
    void routesOfMulticastRoutersAreNoEvents() {
        assertThat(
                        RouteMonitor.event(
                                message(
                                        Rtnetlink.RTM_NEWROUTE,
                                        "80 20 20 00 fd 11 00 05 00000000"))) // RTNL_FAMILY_IPMR
                .isNull();
    }

    @Test
    void rulesAreEventsAndOtherMessagesAreNot() {
        assertThat(RouteMonitor.event(message(Rtnetlink.RTM_NEWRULE)))
                .isEqualTo(new RulesChanged());
        assertThat(RouteMonitor.event(message(Rtnetlink.RTM_DELRULE)))
                .isEqualTo(new RulesChanged());
        assertThat(RouteMonitor.event(message(36))).as("RTM_NEWQDISC").isNull();
    }

    /** {@code ip route add 203.0.114.0/24 encap mpls 100 via 192.0.2.9}. */
    @Test
    void aRouteThatEncapsulatesIsToldFromOneThatDoesNot() {
        NetlinkMessage message =
                message(
                        Rtnetlink.RTM_NEWROUTE,
                        "02 18 00 00 fe 03 00 01 00000000",
                        "0800 0100 cb007200",
                        "0800 0500 c0000209",
                        "0c00 1680 0800 0100 00064100", // RTA_ENCAP, MPLS_IPTUNNEL_DST
                        "0600 1500 0100 0000", // RTA_ENCAP_TYPE
                        "0800 0400 03000000");

        Route route = Route.read(message);
        assertThat(route.isEncapsulating()).isTrue();
        assertThat(route.gateway()).isEqualTo(Captured.ip("192.0.2.9"));
    }

    /** {@code ip neigh get 192.0.2.2 dev eth0}. */
    @Test
    void aNeighbourIsRead() {
        NetlinkMessage message =
                message(
                        Rtnetlink.RTM_NEWNEIGH,
                        "02 000000 03000000 0400 00 01", // ndmsg
                        "0800 0100 c0000202", // NDA_DST
                        "0a00 0200 020000000002 0000", // NDA_LLADDR
                        "0800 0400 00000000", // NDA_PROBES
                        "1400 0300 71170000 01000000 01000000 01000000"); // NDA_CACHEINFO

        Neighbour neighbour = Neighbour.read(message);
        assertThat(neighbour)
                .isEqualTo(
                        new Neighbour(
                                3,
                                Captured.ip("192.0.2.2"),
                                NeighbourState.STALE,
                                0x02_00_00_00_00_02L,
                                false));
        assertThat(neighbour.isUsable()).isTrue();
        assertThat(RouteMonitor.event(message)).isEqualTo(new NeighbourChanged(true, neighbour));
    }

    @Test
    void aNeighbourWithoutAnEthernetAddressIsNotUsable() {
        String failed = "02 000000 03000000 2000 00 01 0800 0100 c0000202";
        String nbma = "02 000000 03000000 8000 00 01 0800 0100 c0000202 0800 0200 c6336407";

        Neighbour neighbour = Neighbour.read(message(Rtnetlink.RTM_DELNEIGH, failed));
        assertThat(neighbour.state()).isEqualTo(NeighbourState.FAILED);
        assertThat(neighbour.linkAddress()).isEqualTo(Neighbour.NO_LINK_ADDRESS);
        assertThat(neighbour.isUsable()).isFalse();
        assertThat(RouteMonitor.event(message(Rtnetlink.RTM_DELNEIGH, failed)))
                .isEqualTo(new NeighbourChanged(false, neighbour));

        Neighbour farEnd = Neighbour.read(message(Rtnetlink.RTM_NEWNEIGH, nbma));
        assertThat(farEnd.state()).isEqualTo(NeighbourState.PERMANENT);
        assertThat(farEnd.isUsable()).isFalse();
    }

    @Test
    void entriesThatOthersKeepAreTold() {
        String learned = "02 000000 03000000 4000 10 01 0800 0100 c0000202";
        String managed = "02 000000 03000000 0200 00 01 0800 0100 c0000202 0800 0f00 01000000";

        assertThat(Neighbour.read(message(Rtnetlink.RTM_NEWNEIGH, learned)).isKeptByOthers())
                .isTrue();
        assertThat(Neighbour.read(message(Rtnetlink.RTM_NEWNEIGH, managed)).isKeptByOthers())
                .isTrue();
    }

    @Test
    void theForwardingTableOfABridgeHasNoNeighbours() {
        String entry = "07 000000 03000000 0200 02 00 0a00 0200 020000000002 0000";

        assertThat(RouteMonitor.event(message(Rtnetlink.RTM_NEWNEIGH, entry))).isNull();
        assertThat(RouteMonitor.event(message(Rtnetlink.RTM_NEWNEIGH, "02 00"))).isNull();
    }
}

package io.culvert.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Requests byte for byte as {@code ip} of iproute2 6.1 sends them, seen with {@code strace -e
 * write=all} under the command that each test names; the sequence number is 0x6b037047 throughout.
 */
@EnabledIf(value = "isLittleEndian", disabledReason = "the captures are of a little-endian machine")
class NetlinkRequestTest {
    private static final int SEQUENCE = 0x6b03_7047;

    static boolean isLittleEndian() {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    }

    /** ip addr add 192.0.2.1/24 dev tun0 */
    @Test
    void anIpv4AddressIsItsOwnPeer() {
        LocalAddress address = new LocalAddress(2, "tun0", Captured.ip("192.0.2.1"), 24, null);
        assertThat(address.additionRequest().bytes(SEQUENCE))
                .isEqualTo(
                        Captured.bytes(
                                "28000000 1400 0506 4770036b 00000000", // header
                                "02 18 00 00 02000000", // ifaddrmsg
                                "0800 0200 c0000201", // IFA_LOCAL
                                "0800 0100 c0000201")); // IFA_ADDRESS
    }

    /** ip addr add 192.0.2.5 peer 192.0.2.6 dev tun0 */
    @Test
    void anIpv4PeerIsTheAddressOfThePrefix() {
        LocalAddress address =
                new LocalAddress(2, "tun0", Captured.ip("192.0.2.5"), 32, Captured.ip("192.0.2.6"));
        assertThat(address.additionRequest().bytes(SEQUENCE))
                .isEqualTo(
                        Captured.bytes(
                                "28000000 1400 0506 4770036b 00000000",
                                "02 20 00 00 02000000",
                                "0800 0200 c0000205",
                                "0800 0100 c0000206"));
    }

    /** ip addr add 2001:db8:1::1 peer 2001:db8:1::2 dev tun0 */
    @Test
    void anIpv6PeerIsTheAddressOfThePrefix() {
        LocalAddress address =
                new LocalAddress(
                        2, "tun0", Captured.ip("2001:db8:1::1"), 128, Captured.ip("2001:db8:1::2"));
        assertThat(address.additionRequest().bytes(SEQUENCE))
                .isEqualTo(
                        Captured.bytes(
                                "40000000 1400 0506 4770036b 00000000",
                                "0a 80 00 00 02000000",
                                "1400 0200 20010db8000100000000000000000001",
                                "1400 0100 20010db8000100000000000000000002"));
    }

    /** ip route add 198.51.100.0/24 dev tun0 */
    @Test
    void anIpv4RouteToADeviceHasTheScopeOfTheLink() {
        IpPrefix prefix = new IpPrefix(Captured.ip("198.51.100.0"), 24);
        assertThat(Route.additionRequest(prefix, 2).bytes(SEQUENCE))
                .isEqualTo(
                        Captured.bytes(
                                "2c000000 1800 0506 4770036b 00000000",
                                "02 18 00 00 fe 03 fd 01 00000000", // rtmsg
                                "0800 0100 c6336400", // RTA_DST
                                "0800 0400 02000000")); // RTA_OIF
    }

    /** ip -6 route add 2001:db8:2::/48 dev tun0 */
    @Test
    void anIpv6RouteHasTheWidestScope() {
        IpPrefix prefix = new IpPrefix(Captured.ip("2001:db8:2::"), 48);
        assertThat(Route.additionRequest(prefix, 2).bytes(SEQUENCE))
                .isEqualTo(
                        Captured.bytes(
                                "38000000 1800 0506 4770036b 00000000",
                                "0a 30 00 00 fe 03 00 01 00000000",
                                "1400 0100 20010db8000200000000000000000000",
                                "0800 0400 02000000"));
    }

    /** ip route del 198.51.100.0/24 dev tun0 */
    @Test
    void aRemovalMatchesAnyProtocolAndScope() {
        IpPrefix prefix = new IpPrefix(Captured.ip("198.51.100.0"), 24);
        assertThat(Route.removalRequest(prefix, 2).bytes(SEQUENCE))
                .isEqualTo(
                        Captured.bytes(
                                "2c000000 1900 0500 4770036b 00000000",
                                "02 18 00 00 fe 00 ff 00 00000000",
                                "0800 0100 c6336400",
                                "0800 0400 02000000"));
    }

    /** ip link set tun0 mtu 1400 */
    @Test
    void anMtuIsSetWithoutTouchingAnyFlag() {
        NetlinkRequest request =
                Link.request(Rtnetlink.RTM_NEWLINK, 0, 2, 0, 0).attribute(Rtnetlink.IFLA_MTU, 1400);
        assertThat(request.bytes(SEQUENCE))
                .isEqualTo(
                        Captured.bytes(
                                "28000000 1000 0500 4770036b 00000000",
                                "00 00 0000 02000000 00000000 00000000", // ifinfomsg
                                "0800 0400 78050000")); // IFLA_MTU
    }

    /** By hand from linux/netlink.h: a name of 4 bytes and its NUL are padded to 8. */
    @Test
    void aStringEndsInANulAndIsPaddedWithoutBeingLonger() {
        assertThat(Link.question("tun0").bytes(SEQUENCE))
                .isEqualTo(
                        Captured.bytes(
                                "34000000 1200 0500 4770036b 00000000",
                                "00 00 0000 00000000 00000000 00000000",
                                "0800 1d00 08000000", // IFLA_EXT_MASK: no statistics
                                "0900 0300 74756e30 00 000000")); // IFLA_IFNAME
    }

    @Test
    void theSameRequestMayBeAskedAgainUnderAnotherNumber() {
        NetlinkRequest request = Link.question(7);
        byte[] first = request.bytes(1);
        byte[] second = request.bytes(2);

        assertThat(second).hasSameSizeAs(first);
        assertThat(second[8]).isEqualTo((byte) 2);
        second[8] = 1;
        assertThat(second).isEqualTo(first);
    }

    @Test
    void aDumpIsNotAcknowledgedBecauseItEndsByItself() {
        byte[] dump = Link.request(Rtnetlink.RTM_GETLINK, Rtnetlink.NLM_F_DUMP, 0, 0, 0).bytes(1);

        assertThat(Captured.bytes("0103")).containsExactly(dump[6], dump[7]);
    }

    /** ip neigh get 192.0.2.2 dev eth0; but without an acknowledgement. */
    @Test
    void aNeighbourIsAskedForByLinkAndAddress() {
        assertThat(Neighbour.question(3, Captured.ip("192.0.2.2")).bytes(SEQUENCE))
                .isEqualTo(
                        Captured.bytes(
                                "24000000 1e00 0500 4770036b 00000000",
                                "02 000000 03000000 0000 00 00", // ndmsg
                                "0800 0100 c0000202")); // NDA_DST
    }

    /** ip neigh replace 192.0.2.2 dev eth0 use; but with the state PERMANENT. */
    @Test
    void aNeighbourIsUsedWithoutAStateOfItsOwn() {
        assertThat(Neighbour.useRequest(3, Captured.ip("192.0.2.2")).bytes(SEQUENCE))
                .isEqualTo(
                        Captured.bytes(
                                "24000000 1c00 0505 4770036b 00000000",
                                "02 000000 03000000 0000 01 00",
                                "0800 0100 c0000202"));
    }
}

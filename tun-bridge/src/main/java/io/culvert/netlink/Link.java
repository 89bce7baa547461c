package io.culvert.netlink;

import java.nio.charset.StandardCharsets;

/**
 * A network device as {@code ip link} knows it, at the moment it was asked for.
 *
 * @param index the kernel's number for it in this namespace, above 0
 * @param name its name, up to 15 bytes
 * @param linkMtu largest packet that goes through it whole, in bytes without link header
 * @param flags IFF_* (linux/if.h)
 * @param kind what made it, such as {@code tun}, {@code veth}, {@code gre}; empty for hardware
 * @param hardwareType ARPHRD_* (linux/if_arp.h): what its frames look like
 * @param ipv6 what IPv6 there is on it
 * @param queues that processes have open of a TUN device that was made for several; otherwise 0
 */
public record Link(
        int index,
        String name,
        int linkMtu,
        int flags,
        String kind,
        int hardwareType,
        LinkIpv6 ipv6,
        int queues) {
    // struct ifinfomsg, linux/rtnetlink.h: u8 family, u8 padding, u16 type, int index, u32 flags
    private static final int FAMILY = 0;
    private static final int HARDWARE_TYPE = 2;
    private static final int INDEX = 4;
    private static final int FLAGS = 8;

    /** One with no IPv6, and of one queue at most. */
    public Link(int index, String name, int linkMtu, int flags, String kind, int hardwareType) {
        this(index, name, linkMtu, flags, kind, hardwareType, LinkIpv6.NONE, 0);
    }

    /** Whether the administrator set it up. */
    public boolean isUp() {
        return (flags & Rtnetlink.IFF_UP) != 0;
    }

    /** Whether something answers behind it: a cable, or the process that holds a TUN device. */
    public boolean hasCarrier() {
        return (flags & Rtnetlink.IFF_LOWER_UP) != 0;
    }

    /** Whether it is {@code lo}, the way to the host itself. */
    public boolean isLoopback() {
        return (flags & Rtnetlink.IFF_LOOPBACK) != 0;
    }

    /** Whether its frames are those of Ethernet: cards, veth, bridges, VLANs, bonds. */
    public boolean isEthernet() {
        return hardwareType == Rtnetlink.ARPHRD_ETHER;
    }

    /**
     * Whether a link message is about the device itself. A bridge uses the same types under a
     * family of its own, where "deleted" means only that a port left the bridge.
     */
    static boolean isAboutDevice(NetlinkMessage message) {
        return message.holds(Rtnetlink.IFINFOMSG_LENGTH)
                && message.u8(FAMILY) == Rtnetlink.AF_UNSPEC;
    }

    static Link read(NetlinkMessage message) {
        NetlinkAttributes attributes = message.attributesFrom(Rtnetlink.IFINFOMSG_LENGTH);
        NetlinkAttributes info = attributes.nested(Rtnetlink.IFLA_LINKINFO);
        String kind = info.text(Rtnetlink.IFLA_INFO_KIND);
        return new Link(
                message.u32(INDEX),
                attributes.text(Rtnetlink.IFLA_IFNAME),
                attributes.u32(Rtnetlink.IFLA_MTU, 0),
                message.u32(FLAGS),
                kind,
                message.u16(HARDWARE_TYPE),
                LinkIpv6.read(attributes.nested(Rtnetlink.IFLA_AF_SPEC).nested(Rtnetlink.AF_INET6)),
                kind.equals("tun")
                        ? info.nested(Rtnetlink.IFLA_INFO_DATA)
                                .u32(Rtnetlink.IFLA_TUN_NUM_QUEUES, 0)
                        : 0);
    }

    /** The question for one device by its index. */
    static NetlinkRequest question(int index) {
        return request(Rtnetlink.RTM_GETLINK, 0, index, 0, 0)
                .attribute(Rtnetlink.IFLA_EXT_MASK, Rtnetlink.RTEXT_FILTER_SKIP_STATS);
    }

    /** The question for one device by its name, or by an alternative one, which may be longer. */
    static NetlinkRequest question(String name) {
        boolean fits = name.getBytes(StandardCharsets.UTF_8).length < Rtnetlink.IFNAMSIZ;
        return question(0)
                .attribute(fits ? Rtnetlink.IFLA_IFNAME : Rtnetlink.IFLA_ALT_IFNAME, name);
    }

    /** Begins a request about one link, or about all with index 0. */
    static NetlinkRequest request(int type, int requestFlags, int index, int flags, int change) {
        return new NetlinkRequest(type, requestFlags)
                .u8(Rtnetlink.AF_UNSPEC)
                .u8(0)
                .u16(0)
                .u32(index)
                .u32(flags)
                .u32(change);
    }
}

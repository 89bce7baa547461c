package io.culvert.netlink;

import java.net.InetAddress;

/**
 * One route of the kernel's tables, or what the kernel made of it for one destination.
 *
 * @param prefix destinations it is for
 * @param type what it does
 * @param gateway next hop; {@code null} when the destination is on the link, and for several hops
 * @param outIndex device it leads to; 0 for several hops, or none
 * @param preferredSource source of packets that have none; {@code null} when it names none
 * @param table number of its table
 * @param metric its priority, unsigned; lower wins
 * @param routeMtu MTU that the route sets or that was learnt for it, in bytes; 0 for the device's
 * @param isEncapsulating whether it wraps packets into something else, such as MPLS, on their way
 *     to the device
 */
record Route(
        IpPrefix prefix,
        RouteType type,
        InetAddress gateway,
        int outIndex,
        InetAddress preferredSource,
        int table,
        long metric,
        int routeMtu,
        boolean isEncapsulating) {
    // struct rtmsg, linux/rtnetlink.h: u8 family, u8 destination length, u8 source length, u8 tos,
    // u8 table, u8 protocol, u8 scope, u8 type, u32 flags
    private static final int FAMILY = 0;
    private static final int DESTINATION_LENGTH = 1;
    private static final int TABLE = 4;
    private static final int TYPE = 7;

    /** Whether a route message is about IPv4 or IPv6; multicast routing uses the same types. */
    static boolean isAboutIp(NetlinkMessage message) {
        if (!message.holds(Rtnetlink.RTMSG_LENGTH)) {
            return false;
        }
        int family = message.u8(FAMILY);
        return family == Rtnetlink.AF_INET || family == Rtnetlink.AF_INET6;
    }

    static Route read(NetlinkMessage message) {
        NetlinkAttributes attributes = message.attributesFrom(Rtnetlink.RTMSG_LENGTH);
        InetAddress destination = attributes.address(Rtnetlink.RTA_DST);
        IpPrefix prefix =
                destination == null
                        ? IpPrefix.everything(message.u8(FAMILY) == Rtnetlink.AF_INET6)
                        : new IpPrefix(destination, message.u8(DESTINATION_LENGTH));
        InetAddress gateway = attributes.address(Rtnetlink.RTA_GATEWAY);
        if (gateway == null) { // of the other family
            gateway = attributes.addressBehindFamily(Rtnetlink.RTA_VIA);
        }
        return new Route(
                prefix,
                RouteType.of(message.u8(TYPE)),
                gateway,
                attributes.u32(Rtnetlink.RTA_OIF, 0),
                attributes.address(Rtnetlink.RTA_PREFSRC),
                attributes.u32(Rtnetlink.RTA_TABLE, message.u8(TABLE)),
                Integer.toUnsignedLong(attributes.u32(Rtnetlink.RTA_PRIORITY, 0)),
                attributes.nested(Rtnetlink.RTA_METRICS).u32(Rtnetlink.RTAX_MTU, 0),
                attributes.has(Rtnetlink.RTA_ENCAP_TYPE));
    }

    /**
     * As {@code ip route} writes it, without metric and protocol: {@code 198.51.100.0/24 via
     * 192.0.2.9 dev eth0}; the table is named when it is none of the usual two.
     *
     * @param outName name of the device that it leads to, or empty
     */
    String words(String outName) {
        StringBuilder words = new StringBuilder();
        if (type != RouteType.UNICAST) {
            words.append(type.word()).append(' ');
        }
        words.append(prefix.words());
        if (gateway != null) {
            words.append(" via ").append(IpPrefix.text(gateway));
        }
        if (!outName.isEmpty()) {
            words.append(" dev ").append(outName);
        }
        if (table != Rtnetlink.RT_TABLE_MAIN && table != Rtnetlink.RT_TABLE_LOCAL) {
            words.append(" table ").append(table);
        }
        return words.toString();
    }

    /** What {@code ip route add PREFIX dev LINK} sends. */
    static NetlinkRequest additionRequest(IpPrefix prefix, int outIndex) {
        // IPv6 knows no scopes of routes, and ip leaves it at the widest then.
        int family = Rtnetlink.family(prefix.address());
        int scope =
                family == Rtnetlink.AF_INET ? Rtnetlink.RT_SCOPE_LINK : Rtnetlink.RT_SCOPE_UNIVERSE;
        int flags = Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL;
        return request(Rtnetlink.RTM_NEWROUTE, flags, family, prefix.lengthBits(), 0)
                .u8(Rtnetlink.RT_TABLE_MAIN)
                .u8(Rtnetlink.RTPROT_BOOT)
                .u8(scope)
                .u8(Rtnetlink.RTN_UNICAST)
                .u32(0)
                .attribute(Rtnetlink.RTA_DST, prefix.address())
                .attribute(Rtnetlink.RTA_OIF, outIndex);
    }

    /** What {@code ip route del PREFIX dev LINK} sends. */
    static NetlinkRequest removalRequest(IpPrefix prefix, int outIndex) {
        int family = Rtnetlink.family(prefix.address());
        return request(Rtnetlink.RTM_DELROUTE, 0, family, prefix.lengthBits(), 0)
                .u8(Rtnetlink.RT_TABLE_MAIN)
                .u8(Rtnetlink.RTPROT_UNSPEC)
                .u8(Rtnetlink.RT_SCOPE_NOWHERE)
                .u8(Rtnetlink.RTN_UNSPEC)
                .u32(0)
                .attribute(Rtnetlink.RTA_DST, prefix.address())
                .attribute(Rtnetlink.RTA_OIF, outIndex);
    }

    /** Begins a request about one family's routes, up to the source length and TOS. */
    static NetlinkRequest request(
            int type, int flags, int family, int destinationBits, int sourceBits) {
        return new NetlinkRequest(type, flags).u8(family).u8(destinationBits).u8(sourceBits).u8(0);
    }
}

package io.culvert.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One of several next hops of a route, among which the kernel chooses for each flow.
 *
 * @param outIndex device that it leads to
 * @param gateway the next router; {@code null} when the destination is on the device's link
 */
public record RouteHop(int outIndex, InetAddress gateway) {
    // struct rtnexthop, linux/rtnetlink.h: u16 length, u8 flags, u8 hops, int ifindex; attributes
    private static final int LENGTH = 0;
    private static final int INDEX = 4;
    private static final int HEADER_LENGTH = 8;

    /** The hops of a route message; none when its route has only one. */
    static List<RouteHop> readAll(NetlinkMessage message) {
        ByteBuffer bytes =
                message.attributesFrom(Rtnetlink.RTMSG_LENGTH).bytes(Rtnetlink.RTA_MULTIPATH);
        List<RouteHop> hops = new ArrayList<>();
        int at = 0;
        while (bytes != null && at + HEADER_LENGTH <= bytes.limit()) {
            int length = Short.toUnsignedInt(bytes.getShort(at + LENGTH));
            if (length < HEADER_LENGTH || length > bytes.limit() - at) {
                break;
            }
            NetlinkAttributes attributes =
                    NetlinkAttributes.read(NetlinkMessage.part(bytes, at, length), HEADER_LENGTH);
            InetAddress gateway = attributes.address(Rtnetlink.RTA_GATEWAY);
            if (gateway == null) { // of the other family
                gateway = attributes.addressBehindFamily(Rtnetlink.RTA_VIA);
            }
            hops.add(new RouteHop(bytes.getInt(at + INDEX), gateway));
            at += NetlinkMessage.aligned(length);
        }
        return hops;
    }
}

package io.culvert.netlink;

import java.nio.ByteBuffer;

/**
 * What limits packets to a destination, each with its source. In bytes.
 *
 * @param linkMtu of the device that they leave by; 0 when there is no route
 * @param routeMtu that the route itself sets ({@code ip route ... mtu N}); 0 when it sets none
 * @param learntMtu that the kernel has learnt from ICMP and forgets again; 0 when it has not
 * @param expiresSeconds until it forgets that; 0 when there is nothing to forget
 * @param isLocked whether it is to learn nothing from ICMP ({@code ip route ... mtu lock N})
 */
public record RouteMtus(
        int linkMtu, int routeMtu, int learntMtu, int expiresSeconds, boolean isLocked) {
    // struct rta_cacheinfo, linux/rtnetlink.h: u32 clntref, u32 lastuse, s32 expires, ...
    private static final int EXPIRES = 8;
    private static final int TICKS_PER_SECOND = 100; // USER_HZ

    static final RouteMtus UNKNOWN = ofLink(0);

    /**
     * @param taken what the kernel would do now, with what it has learnt
     * @param entry the route as it stands in its table
     */
    static RouteMtus of(NetlinkMessage taken, Route entry, int linkMtu) {
        NetlinkAttributes attributes = taken.attributesFrom(Rtnetlink.RTMSG_LENGTH);
        ByteBuffer cache = attributes.bytes(Rtnetlink.RTA_CACHEINFO);
        int locked = attributes.nested(Rtnetlink.RTA_METRICS).u32(Rtnetlink.RTAX_LOCK, 0);
        int ticks = cache == null || cache.limit() < EXPIRES + 4 ? 0 : cache.getInt(EXPIRES);
        int now = Route.read(taken).routeMtu();
        boolean isLearnt = ticks > 0 && now > 0;
        return new RouteMtus(
                linkMtu,
                entry.routeMtu(),
                isLearnt ? now : 0,
                isLearnt ? Math.max(1, ticks / TICKS_PER_SECOND) : 0,
                (locked & 1 << Rtnetlink.RTAX_MTU) != 0);
    }

    /** Where nothing is known but a device's MTU. */
    public static RouteMtus ofLink(int linkMtu) {
        return new RouteMtus(linkMtu, 0, 0, 0, false);
    }

    /** Whether the kernel heeds all errors that come, as far as it wants to. */
    public boolean remembersErrors() {
        return learntMtu > 0 || isLocked;
    }

    /** The least of them. */
    public int smallest() {
        int smallest = linkMtu;
        for (int mtu : new int[] {routeMtu, learntMtu}) {
            smallest = mtu > 0 ? Math.min(smallest, mtu) : smallest;
        }
        return smallest;
    }

    /** Whether what was learnt is less than all that stands somewhere. */
    public boolean isLimitedByLearning() {
        return learntMtu > 0 && learntMtu < linkMtu && (routeMtu == 0 || learntMtu < routeMtu);
    }

    /** Whether the route sets less than its device has, and nothing less was learnt. */
    public boolean isLimitedByRoute() {
        return routeMtu > 0 && routeMtu < linkMtu && !isLimitedByLearning();
    }
}

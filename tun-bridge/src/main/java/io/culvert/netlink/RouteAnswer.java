package io.culvert.netlink;

import java.net.InetAddress;

/**
 * Where packets to a destination go, at the moment it was asked.
 *
 * <p>That there is no way is an answer too: {@link #isReachable()} is false then, {@code errno}
 * says what a sender gets, and device, gateway, preferred source, prefix and MTUs are absent.
 *
 * @param destination what was asked about
 * @param type what the route does, or why there is none
 * @param errno 0, or the error that sending to the destination meets
 * @param outIndex device that carries the packets, {@code lo} for the host's own addresses; 0 when
 *     there is none
 * @param outName that device's name; empty when there is none
 * @param gateway next hop; {@code null} when the destination is on the device's link
 * @param preferredSource source address that packets get, or the one asked with; {@code null} when
 *     there is none
 * @param matchedPrefix the route's prefix in its table; {@code null} when there is none
 * @param table number of the table it stands in: 254 is main, 255 local
 * @param metric the route's priority, unsigned
 * @param mtus what limits packets on the way, each with its source
 * @param isEncapsulating whether the route wraps packets into something else, such as MPLS, on
 *     their way to the device
 */
public record RouteAnswer(
        InetAddress destination,
        RouteType type,
        int errno,
        int outIndex,
        String outName,
        InetAddress gateway,
        InetAddress preferredSource,
        IpPrefix matchedPrefix,
        int table,
        long metric,
        RouteMtus mtus,
        boolean isEncapsulating) {

    /** The answer for a destination that nothing leads to. */
    static RouteAnswer none(InetAddress destination, RouteType type, int errno) {
        return new RouteAnswer(
                destination, type, errno, 0, "", null, null, null, 0, 0, RouteMtus.UNKNOWN, false);
    }

    /**
     * The largest packet that gets through as far as is known, in bytes: the smallest of the
     * device's MTU, the route's, and one learnt from ICMP; 0 when there is no route.
     */
    public int pathMtu() {
        return mtus.smallest();
    }

    /** Whether packets go anywhere at all. */
    public boolean isReachable() {
        return errno == 0;
    }

    /** Whether the destination is this host. */
    public boolean isLocal() {
        return type == RouteType.LOCAL;
    }

    /**
     * The matched route as {@code ip route} writes it, without metric and protocol: {@code
     * 198.51.100.0/24 via 192.0.2.9 dev eth0}; or why there is none: {@code no route to
     * 198.51.100.7}.
     */
    public String words() {
        String to = IpPrefix.text(destination);
        return switch (type) {
            case UNICAST, LOCAL, BROADCAST, ANYCAST, MULTICAST, THROW, OTHER ->
                    new Route(
                                    matchedPrefix,
                                    type,
                                    gateway,
                                    outIndex,
                                    null,
                                    table,
                                    metric,
                                    0,
                                    isEncapsulating)
                            .words(outName);
            case BLACKHOLE, UNREACHABLE, PROHIBIT -> "a route of type " + type.word() + " to " + to;
            case NO_ROUTE -> "no route to " + to;
            case FOREIGN_SOURCE -> "no route to " + to + " from a source that is not this host's";
        };
    }
}

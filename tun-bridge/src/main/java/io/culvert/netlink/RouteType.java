package io.culvert.netlink;

import io.culvert.linux.Errno;
import java.util.Locale;

/** What a route does with a packet. */
public enum RouteType {
    /** Sends it on through a device. */
    UNICAST(1),
    /** It is for this host. */
    LOCAL(2),
    /** Sends it to all on the link. */
    BROADCAST(3),
    /** As {@link #LOCAL}, for an address that several hosts have. */
    ANYCAST(4),
    /** Sends it to a group. */
    MULTICAST(5),
    /** Loses it silently. */
    BLACKHOLE(6),
    /** Refuses it as unreachable. */
    UNREACHABLE(7),
    /** Refuses it as forbidden. */
    PROHIBIT(8),
    /** Goes on with the next rule. */
    THROW(9),
    /** There is no route. The kernel has no number for it. */
    NO_ROUTE(-1),
    /**
     * There may be a route, but not for a source that is not ours. The kernel has no number for it.
     */
    FOREIGN_SOURCE(-2),
    /** A type that this program does not know. */
    OTHER(-3);

    private final int number; // RTN_* of linux/rtnetlink.h

    RouteType(int number) {
        this.number = number;
    }

    /** The word that {@code ip route} has for it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static RouteType of(int number) {
        for (RouteType type : values()) {
            if (type.number == number) {
                return type;
            }
        }
        return OTHER;
    }

    /**
     * The type of the route that made the kernel refuse a look-up: it answers with the error that a
     * packet would get (fib_props in fib_semantics.c, ip6_rt_type_to_error in route.c).
     *
     * @return {@code null} when the error is about the question itself
     */
    static RouteType ofError(int errno) {
        return switch (errno) {
            case Errno.EINVAL -> BLACKHOLE;
            case Errno.EHOSTUNREACH -> UNREACHABLE;
            case Errno.EACCES -> PROHIBIT;
            case Errno.ENETUNREACH -> NO_ROUTE;
            default -> null;
        };
    }
}

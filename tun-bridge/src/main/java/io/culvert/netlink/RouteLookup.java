package io.culvert.netlink;

import io.culvert.linux.Errno;
import java.net.InetAddress;
import java.util.List;

/**
 * One question for the way to a destination.
 *
 * <p>It takes up to three requests. The plain one yields what packets get: device, gateway, source
 * and MTU, with one of several hops chosen and a learnt path MTU in it. With RTM_F_FIB_MATCH (since
 * Linux 4.13) the kernel shows the route as it stands in its table instead, which gives prefix and
 * metric. The third is for the device's name and MTU.
 */
final class RouteLookup {
    private final NetlinkSocket socket;
    private final InetAddress destination;
    private final InetAddress source;
    private final int outIndex;
    private final int mark;
    private final String what;

    /** See {@link RouteNetlink#route}. */
    RouteLookup(
            NetlinkSocket socket,
            InetAddress destination,
            InetAddress source,
            int outIndex,
            int mark) {
        this.socket = socket;
        this.destination = destination;
        this.source = source;
        this.outIndex = outIndex;
        this.mark = mark;
        this.what = "cannot look up the route to " + IpPrefix.text(destination);
    }

    RouteAnswer answer() {
        NetlinkReply taken = ask(0);
        if (taken.failed()) {
            return refusal(taken);
        }
        Route hop = Route.read(taken.only());
        NetlinkReply matched = ask(Rtnetlink.RTM_F_FIB_MATCH);
        Route entry = matched.failed() ? hop : Route.read(matched.only());
        NetlinkReply out = socket.ask(Link.question(hop.outIndex()), what);
        if (out.failed()) { // deleted since, and its routes with it
            return RouteAnswer.none(destination, RouteType.NO_ROUTE, Errno.ENETUNREACH);
        }
        Link link = Link.read(out.only());
        return new RouteAnswer(
                destination,
                hop.type(),
                0,
                link.index(),
                link.name(),
                hop.gateway(),
                // The kernel names a source only where it is not the one it was asked with.
                hop.preferredSource() == null ? source : hop.preferredSource(),
                entry.prefix(),
                entry.table(),
                entry.metric(),
                RouteMtus.of(taken.only(), entry, link.linkMtu()),
                hop.isEncapsulating());
    }

    /** The hops among which the kernel chooses; none when there is no choice, or no route. */
    List<RouteHop> hops() {
        NetlinkReply matched = ask(Rtnetlink.RTM_F_FIB_MATCH);
        return matched.failed() ? List.of() : RouteHop.readAll(matched.only());
    }

    private NetlinkReply ask(int routeFlags) {
        return socket.ask(request(Rtnetlink.RTM_F_LOOKUP_TABLE | routeFlags), what);
    }

    NetlinkRequest request(int routeFlags) {
        int sourceBits = source == null ? 0 : IpPrefix.host(source).lengthBits();
        NetlinkRequest request =
                Route.request(
                                Rtnetlink.RTM_GETROUTE,
                                0,
                                Rtnetlink.family(destination),
                                IpPrefix.host(destination).lengthBits(),
                                sourceBits)
                        .u8(Rtnetlink.RT_TABLE_UNSPEC)
                        .u8(Rtnetlink.RTPROT_UNSPEC)
                        .u8(Rtnetlink.RT_SCOPE_UNIVERSE)
                        .u8(Rtnetlink.RTN_UNSPEC)
                        .u32(routeFlags)
                        .attribute(Rtnetlink.RTA_DST, destination);
        if (source != null) {
            request.attribute(Rtnetlink.RTA_SRC, source);
        }
        if (outIndex != 0) {
            request.attribute(Rtnetlink.RTA_OIF, outIndex);
        }
        if (mark != 0) {
            request.attribute(Rtnetlink.RTA_MARK, mark);
        }
        return request;
    }

    private RouteAnswer refusal(NetlinkReply reply) {
        RouteType type = RouteType.ofError(reply.errno());
        if (type == null) {
            throw reply.exception(what, "");
        }
        // For a source that is not ours IPv4 answers EINVAL or, on newer kernels (seen on 6.18),
        // ENETUNREACH: the errors of a blackhole and of no route.
        if (source != null && !isOfThisHost(source)) {
            type = RouteType.FOREIGN_SOURCE;
        }
        return RouteAnswer.none(destination, type, reply.errno());
    }

    private boolean isOfThisHost(InetAddress address) {
        NetlinkReply reply = new RouteLookup(socket, address, null, 0, 0).ask(0);
        return !reply.failed() && Route.read(reply.only()).type() == RouteType.LOCAL;
    }
}

package io.culvert.netlink;

import io.culvert.linux.Errno;
import io.culvert.linux.LinuxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Hears of changes to links, addresses, routes and rules, and of neighbours if asked, as {@code ip
 * monitor} does.
 *
 * <p>Never waits: wait for {@link #fd()} to be readable, then {@link #drain}. Confined to one
 * thread. It hears of the network namespace that the opening thread was in; joining takes no
 * privilege.
 *
 * <p>An event is a reason to ask {@link RouteNetlink} again, not a full account. The kernel has
 * none for IPv4 routes that go with their device or source address, only for that device or
 * address, and none for a path MTU that it learns.
 */
public final class RouteMonitor implements AutoCloseable {
    private static final int[] GROUPS = {
        Rtnetlink.RTNLGRP_LINK,
        Rtnetlink.RTNLGRP_IPV4_IFADDR,
        Rtnetlink.RTNLGRP_IPV4_ROUTE,
        Rtnetlink.RTNLGRP_IPV4_RULE,
        Rtnetlink.RTNLGRP_IPV6_IFADDR,
        Rtnetlink.RTNLGRP_IPV6_ROUTE,
        Rtnetlink.RTNLGRP_IPV6_RULE,
    };

    private final NetlinkSocket socket;
    private final List<NetlinkMessage> received = new ArrayList<>();

    private RouteMonitor(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Begins to listen in the calling thread's network namespace.
     *
     * @throws LinuxException when it cannot
     */
    public static RouteMonitor open() {
        return new RouteMonitor(NetlinkSocket.open(GROUPS));
    }

    /**
     * As {@link #open}, and hears of neighbours, too, of which a busy link has many by the second.
     *
     * @throws LinuxException when it cannot
     */
    public static RouteMonitor openWithNeighbours() {
        int[] groups = Arrays.copyOf(GROUPS, GROUPS.length + 1);
        groups[GROUPS.length] = Rtnetlink.RTNLGRP_NEIGH;
        return new RouteMonitor(NetlinkSocket.open(groups));
    }

    /** The descriptor to wait on; readable when events wait. */
    public int fd() {
        return socket.fd();
    }

    /**
     * Hands over all events that wait, in the order in which they happened.
     *
     * @throws LinuxException when the socket fails for good
     */
    public void drain(Consumer<NetlinkEvent> listener) {
        while (true) {
            received.clear();
            int errno = socket.receive(received);
            if (errno == Errno.EAGAIN) {
                return;
            }
            if (errno == Errno.ENOBUFS || errno == Errno.EMSGSIZE) {
                listener.accept(new NetlinkEvent.Overrun());
            } else if (errno != 0) {
                throw new LinuxException("cannot read changes of links and routes", errno, "");
            }
            for (NetlinkMessage message : received) {
                NetlinkEvent event = event(message);
                if (event != null) {
                    listener.accept(event);
                }
            }
        }
    }

    /** Reads an event; {@code null} for a message that says nothing about what is watched. */
    static NetlinkEvent event(NetlinkMessage message) {
        return switch (message.type()) {
            case Rtnetlink.RTM_NEWLINK ->
                    Link.isAboutDevice(message)
                            ? new NetlinkEvent.LinkChanged(Link.read(message))
                            : null;
            case Rtnetlink.RTM_DELLINK -> Link.isAboutDevice(message) ? linkGone(message) : null;
            case Rtnetlink.RTM_NEWADDR -> addressChanged(message, true);
            case Rtnetlink.RTM_DELADDR -> addressChanged(message, false);
            case Rtnetlink.RTM_NEWROUTE -> routeChanged(message, true);
            case Rtnetlink.RTM_DELROUTE -> routeChanged(message, false);
            case Rtnetlink.RTM_NEWNEIGH -> neighbourChanged(message, true);
            case Rtnetlink.RTM_DELNEIGH -> neighbourChanged(message, false);
            case Rtnetlink.RTM_NEWRULE, Rtnetlink.RTM_DELRULE -> new NetlinkEvent.RulesChanged();
            default -> null;
        };
    }

    /**
     * A device that leaves for another namespace is announced as deleted. Since Linux 4.15 the
     * announcement names that namespace, which a true deletion does not.
     */
    private static NetlinkEvent linkGone(NetlinkMessage message) {
        Link link = Link.read(message);
        NetlinkAttributes attributes = message.attributesFrom(Rtnetlink.IFINFOMSG_LENGTH);
        if (!attributes.has(Rtnetlink.IFLA_NEW_NETNSID)) {
            return new NetlinkEvent.LinkDeleted(link.index(), link.name());
        }
        return new NetlinkEvent.LinkMoved(
                link.index(),
                link.name(),
                attributes.u32(Rtnetlink.IFLA_NEW_IFINDEX, 0),
                attributes.u32(Rtnetlink.IFLA_NEW_NETNSID, -1));
    }

    private static NetlinkEvent addressChanged(NetlinkMessage message, boolean isPresent) {
        LocalAddress address = LocalAddress.read(message);
        return address == null
                ? null
                : new NetlinkEvent.AddressChanged(isPresent, address.address(), address.index());
    }

    private static NetlinkEvent routeChanged(NetlinkMessage message, boolean isPresent) {
        if (!Route.isAboutIp(message)) {
            return null;
        }
        Route route = Route.read(message);
        return new NetlinkEvent.RouteChanged(
                isPresent, route.prefix(), route.outIndex(), route.table());
    }

    private static NetlinkEvent neighbourChanged(NetlinkMessage message, boolean isPresent) {
        Neighbour neighbour = Neighbour.read(message);
        return neighbour == null ? null : new NetlinkEvent.NeighbourChanged(isPresent, neighbour);
    }

    @Override
    public void close() {
        socket.close();
    }
}

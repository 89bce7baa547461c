package io.culvert.control;

import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.Link;
import io.culvert.netlink.Neighbour;
import io.culvert.netlink.NeighbourTable;
import io.culvert.netlink.NetlinkEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Follows where each tunnel's outer packets go first, for an underlay that addresses them at the
 * link itself: the interface and the Ethernet address of the gateway, or of the remote itself.
 *
 * <p>The way is the one that the kernel's routes have for the tunnel's remote, local address and
 * {@code dev}; of several hops, the one that the kernel chooses for these. There is no next hop,
 * and packets have to go through the kernel's IP, where the route leads to this host, to many or
 * nowhere, encapsulates, or leaves by anything but an Ethernet that is up; where the neighbour has
 * not answered; where an IPsec policy is for them; and for a tunnel without a local address, which
 * the kernel fills in.
 *
 * <p>Not followed: routes and rules that go by TOS, as each packet of a tunnel may have another;
 * rules that go by a firewall mark, which only the firewall gives; and its translations. A path MTU
 * that the kernel learns later is no event; packets larger than the path meet the ICMP error, as
 * those of a raw socket do.
 *
 * <p>Changes of neighbours and of interfaces are handed on at once, changes of routes when they
 * have settled. Confined to one thread, which is also that of the {@link NeighbourTable}; only
 * {@link #chosenWay} is for others.
 */
final class NextHops {
    private static final System.Logger LOG = System.getLogger("culvert");

    private static final ChosenWay NOT_LOOKED_AT =
            ChosenWay.throughHost("the host's routes are not known");

    private final NeighbourTable table;
    private final LongSupplier clock;
    private final Listener listener;
    private final Map<Integer, Link> links = new HashMap<>();
    private final List<Tunnel> tunnels = new ArrayList<>(); // by index
    private final Map<Integer, ChosenWay> chosenWays = new ConcurrentHashMap<>();
    private final Map<WatchedNeighbour.Key, WatchedNeighbour> neighbours = new HashMap<>();
    private final Map<WatchedNeighbour, List<Tunnel>> users = new IdentityHashMap<>();
    private final Set<WatchedNeighbour> due = new LinkedHashSet<>();

    /** Is told what changed, and only that. */
    @FunctionalInterface
    interface Listener {
        /**
         * A tunnel's packets have another next hop than before.
         *
         * @param hop {@code null} for none, as at the beginning
         */
        void changed(int tunnelIndex, NextHop hop);
    }

    /** A tunnel, and what was last told of it. */
    private static final class Tunnel {
        private final int index;
        private OuterWay way;
        private WatchedNeighbour neighbour;
        private NextHop told;
        private String obstacle = "";

        Tunnel(int index) {
            this.index = index;
        }
    }

    /**
     * @param clock what {@link System#nanoTime} is
     */
    NextHops(NeighbourTable table, LongSupplier clock, Listener listener) {
        this.table = table;
        this.clock = clock;
        this.listener = listener;
    }

    /**
     * Takes the ways of all tunnels as they are now, by the tunnels' indices, and all interfaces by
     * theirs.
     */
    void follow(List<OuterWay> ways, Map<Integer, Link> linksNow) {
        links.clear();
        links.putAll(linksNow);
        while (tunnels.size() < ways.size()) {
            tunnels.add(new Tunnel(tunnels.size()));
        }
        Map<WatchedNeighbour.Key, WatchedNeighbour> before = Map.copyOf(neighbours);
        neighbours.clear();
        users.clear();
        due.clear();
        for (Tunnel tunnel : tunnels) {
            take(ways.get(tunnel.index), tunnel, before);
        }
        neighbours.values().forEach(this::look);
        tunnels.forEach(this::tell);
    }

    private void take(
            OuterWay way, Tunnel tunnel, Map<WatchedNeighbour.Key, WatchedNeighbour> before) {
        tunnel.way = way;
        tunnel.neighbour = null;
        Link link = links.get(way.interfaceIndex());
        if (link == null) {
            return; // and whoever asked for the way says so
        }
        String obstacle = way.obstacle(link);
        explain(tunnel, obstacle);
        if (obstacle.isEmpty() && isUp(link)) {
            WatchedNeighbour.Key key = new WatchedNeighbour.Key(link.index(), way.neighbour());
            tunnel.neighbour =
                    neighbours.computeIfAbsent(
                            key,
                            k -> before.containsKey(k) ? before.get(k) : new WatchedNeighbour(k));
            users.computeIfAbsent(tunnel.neighbour, n -> new ArrayList<>()).add(tunnel);
        }
    }

    /** One line when something changes; none as long as it stays as it is. */
    private static void explain(Tunnel tunnel, String obstacle) {
        if (!obstacle.equals(tunnel.obstacle)) {
            tunnel.obstacle = obstacle;
            LOG.log(
                    System.Logger.Level.INFO,
                    tunnel.way.tunnel()
                            + (obstacle.isEmpty()
                                    ? ": packets go by the packet socket"
                                    : ": packets go by the raw socket: " + obstacle));
        }
    }

    private static boolean isUp(Link link) {
        return link.isUp() && link.hasCarrier();
    }

    private void look(WatchedNeighbour neighbour) {
        Link link = links.get(neighbour.key().interfaceIndex());
        String change = neighbour.look(table, link == null ? "" : link.name(), clock.getAsLong());
        if (!change.isEmpty()) {
            LOG.log(System.Logger.Level.INFO, namesOf(users.get(neighbour)) + ": " + change);
        }
        if (neighbour.dueNanos() != WatchedNeighbour.NEVER) {
            due.add(neighbour);
        } else {
            due.remove(neighbour);
        }
    }

    private static String namesOf(List<Tunnel> tunnels) {
        String first = tunnels.get(0).way.tunnel();
        return tunnels.size() == 1 ? first : first + " and " + (tunnels.size() - 1) + " more";
    }

    private void tell(Tunnel tunnel) {
        ChosenWay chosen = choose(tunnel, links.get(tunnel.way.interfaceIndex()));
        chosenWays.put(tunnel.index, chosen);
        NextHop hop = chosen.hop();
        if (!Objects.equals(hop, tunnel.told)) {
            tunnel.told = hop;
            listener.changed(tunnel.index, hop);
        }
    }

    private static ChosenWay choose(Tunnel tunnel, Link link) {
        if (link == null) {
            return ChosenWay.throughHost("there is no way to its remote");
        }
        if (!tunnel.obstacle.isEmpty()) {
            return ChosenWay.throughHost(tunnel.obstacle);
        }
        if (!isUp(link)) {
            return ChosenWay.throughHost(
                    link.name() + (link.isUp() ? " has no carrier" : " is down"));
        }
        WatchedNeighbour neighbour = tunnel.neighbour;
        if (neighbour == null || neighbour.linkAddress() == Neighbour.NO_LINK_ADDRESS) {
            boolean isSilent = neighbour != null && neighbour.isSilent();
            return ChosenWay.throughHost(
                    "next hop %s on %s %s"
                            .formatted(
                                    IpPrefix.text(tunnel.way.neighbour()),
                                    link.name(),
                                    isSilent ? "does not answer" : "has not answered yet"));
        }
        int linkMtu = Math.min(tunnel.way.route().pathMtu(), link.linkMtu());
        return ChosenWay.by(
                tunnel.way.neighbour(),
                link.name(),
                new NextHop(link.index(), neighbour.linkAddress(), linkMtu));
    }

    /** Follows an event at once, as far as it is about a neighbour or an interface in use. */
    void heard(NetlinkEvent event) {
        if (event instanceof NetlinkEvent.NeighbourChanged changed) {
            Neighbour neighbour = changed.neighbour();
            // The entry itself is asked for: it may have changed again since.
            lookAndTell(
                    neighbours.get(
                            new WatchedNeighbour.Key(neighbour.index(), neighbour.address())));
        } else if (event instanceof NetlinkEvent.LinkChanged changed) {
            links.put(changed.link().index(), changed.link());
            tellAllOn(changed.link().index());
        } else if (event instanceof NetlinkEvent.LinkDeleted deleted) {
            links.remove(deleted.index());
            tellAllOn(deleted.index());
        } else if (event instanceof NetlinkEvent.LinkMoved moved) {
            links.remove(moved.index());
            tellAllOn(moved.index());
        }
    }

    private void lookAndTell(WatchedNeighbour neighbour) {
        if (neighbour != null) {
            look(neighbour);
            users.get(neighbour).forEach(this::tell);
        }
    }

    private void tellAllOn(int interfaceIndex) {
        tunnels.stream()
                .filter(tunnel -> tunnel.way.interfaceIndex() == interfaceIndex)
                .forEach(this::tell);
    }

    /** By which way a tunnel's packets leave at this moment; any thread. */
    ChosenWay chosenWay(int tunnelIndex) {
        return chosenWays.getOrDefault(tunnelIndex, NOT_LOOKED_AT);
    }

    /**
     * Does what is due.
     *
     * @return nanoseconds until something is due again, or {@link WatchedNeighbour#NEVER}
     */
    long tick() {
        long untilNext = WatchedNeighbour.NEVER;
        for (WatchedNeighbour neighbour : List.copyOf(due)) {
            if (neighbour.dueNanos() - clock.getAsLong() <= 0) {
                lookAndTell(neighbour);
            }
            if (neighbour.dueNanos() != WatchedNeighbour.NEVER) {
                long left = neighbour.dueNanos() - clock.getAsLong();
                untilNext = Math.min(untilNext, Math.max(0, left));
            }
        }
        return untilNext;
    }
}

package io.culvert.control;

import io.culvert.linux.LinuxException;
import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.IpsecPolicies;
import io.culvert.netlink.Link;
import io.culvert.netlink.Neighbour;
import io.culvert.netlink.NetlinkEvent;
import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteNetlink;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NetworkNamespace;
import io.culvert.run.Eventually;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * The next hops on the way from a namespace to some remotes, followed as a running program does.
 */
final class FollowedHost implements RouteWatch.Listener, AutoCloseable {
    static final String NONE = "none";

    private final List<InetAddress> remotes = new ArrayList<>();
    private final InetAddress local;
    private final RouteNetlink netlink;
    private final NextHops nextHops;
    private final IpsecPolicies ipsec;
    private final RouteWatch watch;
    private final List<String> changes = new CopyOnWriteArrayList<>();
    private final AtomicInteger lookups = new AtomicInteger();
    private volatile Map<Integer, Link> links = Map.of();

    /**
     * @param local of all tunnels, or null
     */
    static FollowedHost start(NetworkNamespace host, String local, String... remotes)
            throws Exception {
        return NamespaceThread.call(host, () -> new FollowedHost(local, remotes));
    }

    private FollowedHost(String local, String... remotes) throws Exception {
        this.local = local == null ? null : InetAddress.getByName(local);
        for (String remote : remotes) {
            this.remotes.add(InetAddress.getByName(remote));
        }
        netlink = RouteNetlink.open();
        nextHops = new NextHops(netlink.neighbours(), System::nanoTime, this::changed);
        ipsec = IpsecPolicies.open();
        watch = new RouteWatch(this, ipsec);
        watch.start();
    }

    private void changed(int tunnel, NextHop hop) {
        changes.add(
                hop == null
                        ? NONE
                        : "%s %s %d"
                                .formatted(
                                        links.get(hop.interfaceIndex()).name(),
                                        Neighbour.linkText(hop.linkAddress()),
                                        hop.linkMtu()));
    }

    /** All changes so far: {@code eth0 02:00:00:00:00:02 1500}, or {@link #NONE}. */
    List<String> changes() {
        return List.copyOf(changes);
    }

    /** Waits until the next hop is this one. */
    void await(String hop) {
        Eventually.isTrue(
                "next hop is " + hop + ", after " + changes,
                () -> !changes.isEmpty() && changes.get(changes.size() - 1).equals(hop));
    }

    /** By which way a tunnel's packets leave now: its next hop, or what keeps it from one. */
    String way(int tunnel) {
        ChosenWay way = nextHops.chosenWay(tunnel);
        if (way.hop() == null) {
            return way.obstacle();
        }
        return "%s dev %s lladdr %s"
                .formatted(
                        IpPrefix.text(way.neighbour()),
                        way.interfaceName(),
                        Neighbour.linkText(way.hop().linkAddress()));
    }

    /** How often all routes were looked up. */
    int lookups() {
        return lookups.get();
    }

    @Override
    public void heard(NetlinkEvent event) {
        nextHops.heard(event);
    }

    @Override
    public boolean settled() {
        links = netlink.links().stream().collect(Collectors.toMap(Link::index, l -> l));
        List<OuterWay> ways = new ArrayList<>();
        for (InetAddress remote : remotes) {
            ways.add(new OuterWay("tun" + ways.size(), local != null, "", route(remote)));
        }
        nextHops.follow(ways, links);
        lookups.incrementAndGet();
        return true;
    }

    private RouteAnswer route(InetAddress remote) {
        try {
            return netlink.route(remote, local, 0, 0);
        } catch (LinuxException e) {
            return null;
        }
    }

    @Override
    public long tick() {
        return nextHops.tick();
    }

    @Override
    public void close() {
        watch.close();
        ipsec.close();
        netlink.close();
    }
}

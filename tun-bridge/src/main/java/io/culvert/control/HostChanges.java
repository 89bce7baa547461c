package io.culvert.control;

import io.culvert.channel.Lane;
import io.culvert.channel.Lanes;
import io.culvert.linux.LinuxException;
import io.culvert.netlink.IpsecPolicies;
import io.culvert.netlink.Link;
import io.culvert.netlink.NetlinkEvent;
import io.culvert.netlink.RouteMtus;
import io.culvert.netlink.RouteNetlink;
import io.culvert.pipeline.TunnelPort;
import io.culvert.tunnel.PathMtu;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Keeps tunnels in step with the host's addresses, routes and devices. On the thread of the {@link
 * RouteWatch}; what concerns a lane is done on the lane's.
 */
final class HostChanges implements RouteWatch.Listener {
    private static final System.Logger LOG = System.getLogger("culvert");

    private final RouteNetlink netlink;
    private final Lanes lanes;
    private final List<LiveTunnel> tunnels;
    private final Map<Integer, LiveTunnel> tunnelsByDevice;
    private final Predicate<LiveTunnel> isGone;
    private final IpsecPolicies ipsec; // null when no packet goes round the host's IP
    private final NextHops nextHops; // likewise
    private final LinkLocalAddresses linkLocal;
    private final ForeignQueues foreignQueues = new ForeignQueues();
    private final Map<Integer, Integer> boundLinks = new HashMap<>(); // of tunnels with a dev
    private final Set<Integer> guessedMtus =
            new HashSet<>(); // by the tunnels' indices, all of these
    private final Map<Integer, String> explanations = new ConcurrentHashMap<>();
    private final Map<Integer, TunnelState.Device> devices = new ConcurrentHashMap<>();
    private final LearntMtus learntMtus = new LearntMtus();

    /**
     * @param tunnels all of them, by their indices
     * @param isGone whether a tunnel's device is no more
     * @param linkLocal gives devices that have IPv6 again their link-local addresses
     * @param ipsec followed, as next hops are, where packets go round the host's IP; else null
     */
    HostChanges(
            RouteNetlink netlink,
            Lanes lanes,
            List<LiveTunnel> tunnels,
            Predicate<LiveTunnel> isGone,
            IpsecPolicies ipsec,
            LinkLocalAddresses linkLocal) {
        this.linkLocal = linkLocal;
        this.netlink = netlink;
        this.lanes = lanes;
        this.tunnels = tunnels;
        this.tunnelsByDevice =
                tunnels.stream()
                        .collect(Collectors.toMap(t -> t.device().interfaceIndex(), t -> t));
        this.isGone = isGone;
        this.ipsec = ipsec;
        this.nextHops =
                ipsec == null
                        ? null
                        : new NextHops(netlink.neighbours(), System::nanoTime, this::handNextHop);
        for (LiveTunnel tunnel : tunnels) {
            if (tunnel.spec().link() != null) {
                boundLinks.put(tunnel.index(), tunnel.ports().get(0).endpoint().linkIndex());
            }
            if (tunnel.isMtuGuessed()) {
                guessedMtus.add(tunnel.index());
            }
        }
    }

    /**
     * A device that goes up or down is followed at once: packets are waiting for it. So is the MTU
     * of another route: a packet that is called too large wrongly is remembered by its sender.
     */
    @Override
    public void heard(NetlinkEvent event) {
        if (event instanceof NetlinkEvent.LinkChanged changed) {
            linkChanged(changed.link());
        } else if (event instanceof NetlinkEvent.LinkMoved moved) {
            // moving takes it down, but its state over there cannot be seen from here
            setUp(moved.index(), true);
        } else if (event instanceof NetlinkEvent.RouteChanged changed) {
            learntMtus.routeChanged(changed.prefix(), tunnels);
        }
        linkLocal.heard(event);
        if (nextHops != null) {
            nextHops.heard(event);
        }
    }

    /**
     * Has the kernel asked when errors tell of a narrower path.
     *
     * @param wake has {@link #tick} called soon; any thread
     */
    void followPaths(Runnable wake) {
        for (LiveTunnel tunnel : tunnels) {
            Runnable heard =
                    () -> {
                        learntMtus.heard(tunnel);
                        wake.run();
                    };
            inEveryLane(tunnel, port -> port.onNarrowerPath(heard));
        }
    }

    /** How a tunnel is at this moment; any thread. */
    TunnelState state(LiveTunnel tunnel) {
        boolean isDeviceGone = isGone.test(tunnel);
        return new TunnelState(
                isDeviceGone
                        ? TunnelState.Device.GONE
                        : devices.getOrDefault(tunnel.index(), TunnelState.Device.UP),
                isDeviceGone ? "" : explanations.getOrDefault(tunnel.index(), ""),
                nextHops == null ? null : nextHops.chosenWay(tunnel.index()),
                learntMtus.mtus(tunnel));
    }

    private void linkChanged(Link link) {
        setUp(link.index(), link.isUp());
        LiveTunnel tunnel = tunnelsByDevice.get(link.index());
        if (tunnel != null) {
            foreignQueues.look(tunnel, link);
        }
    }

    private void setUp(int deviceIndex, boolean isUp) {
        LiveTunnel tunnel = tunnelsByDevice.get(deviceIndex);
        if (tunnel != null) {
            inEveryLane(tunnel, port -> port.endpoint().up(isUp));
        }
    }

    /** Has every lane change its own state of a tunnel, soon and each on its thread. */
    private void inEveryLane(LiveTunnel tunnel, Consumer<TunnelPort> change) {
        for (Lane lane : lanes.all()) {
            TunnelPort port = tunnel.ports().get(lane.index());
            lane.execute(() -> change.accept(port));
        }
    }

    private void handNextHop(int tunnelIndex, NextHop hop) {
        for (Lane lane : lanes.all()) {
            lane.execute(
                    hop == null
                            ? () -> lane.noNextHop(tunnelIndex)
                            : () ->
                                    lane.nextHop(
                                            tunnelIndex,
                                            hop.interfaceIndex(),
                                            hop.linkAddress(),
                                            hop.linkMtu()));
        }
    }

    /** Has every tunnel follow the host as it is now. */
    @Override
    public boolean settled() {
        Map<Integer, Link> links =
                netlink.links().stream().collect(Collectors.toMap(Link::index, l -> l));
        UnderlayCheck check = new UnderlayCheck(netlink, tunnelsByDevice);
        IpsecCheck ipsecCheck = ipsec == null ? IpsecCheck.NO_POLICIES : IpsecCheck.of(ipsec);
        List<OuterWay> ways = new ArrayList<>();
        boolean isComplete = true;
        bindToLinks(check);
        for (LiveTunnel tunnel : tunnels) {
            UnderlayState underlay = UnderlayState.without(null, "");
            if (!isGone.test(tunnel)) {
                try {
                    underlay = check.of(tunnel.spec());
                    follow(tunnel, links, underlay);
                } catch (LinuxException e) { // about this one alone, as when a device just went
                    isComplete = false;
                    explain(tunnel, e.getMessage() + "; asking again");
                }
            }
            ways.add(OuterWay.of(tunnel.spec(), ipsecCheck, underlay.route()));
        }
        if (nextHops != null) {
            nextHops.follow(ways, links);
        }
        return isComplete;
    }

    /** A device that was deleted and made again has its name, and another index. */
    private void bindToLinks(UnderlayCheck check) {
        Map<Integer, Integer> changed = new HashMap<>();
        boundLinks.replaceAll(
                (tunnel, link) -> {
                    int linkNow;
                    try {
                        linkNow = check.linkIndex(tunnels.get(tunnel).spec());
                    } catch (LinuxException e) { // which the tunnel's own turn meets again
                        return link;
                    }
                    if (linkNow != link) {
                        changed.put(tunnel, linkNow);
                    }
                    return linkNow;
                });
        if (!changed.isEmpty()) {
            lanes.all().forEach(lane -> lane.execute(() -> lane.bindToLinks(changed)));
        }
    }

    private void follow(LiveTunnel tunnel, Map<Integer, Link> links, UnderlayState underlay) {
        Link link = links.get(tunnel.device().interfaceIndex());
        // one that is not listed lives in another namespace, where its state cannot be seen
        boolean isUp = link == null || link.isUp();
        if (link != null) {
            linkLocal.follow(link);
        }
        devices.put(
                tunnel.index(),
                link == null
                        ? TunnelState.Device.ELSEWHERE
                        : isUp ? TunnelState.Device.UP : TunnelState.Device.DOWN);
        inEveryLane(
                tunnel,
                port -> {
                    port.endpoint().up(isUp);
                    if (link != null) {
                        port.innerMtu(link.linkMtu());
                    }
                    port.encapsulator().close(underlay.obstacle());
                    if (underlay.source() != null) {
                        port.encapsulator().source(underlay.source());
                    }
                    if (underlay.route() != null) {
                        followPath(port.pathMtu(), underlay);
                    }
                });
        if (tunnel.keepalive() != null) {
            lanes.all().get(0).execute(() -> tunnel.keepalive().local(underlay.source()));
        }
        explain(tunnel, underlay.explanation());
        learntMtus.note(tunnel, underlay.route());
        if (underlay.underlayMtu() > 0 && guessedMtus.remove(tunnel.index())) {
            correctMtu(tunnel, link, underlay.underlayMtu());
        }
    }

    /** Has a tunnel's lanes go by what the kernel knows of its path now. */
    private void askForPath(LiveTunnel tunnel) {
        try {
            UnderlayState underlay = new UnderlayCheck(netlink, tunnelsByDevice).of(tunnel.spec());
            learntMtus.note(tunnel, underlay.route());
            if (underlay.route() != null) {
                long lifetimeNanos = learntMtus.lifetimeNanos();
                inEveryLane(
                        tunnel,
                        port -> {
                            port.pathMtu().lifetimeNanos(lifetimeNanos);
                            followPath(port.pathMtu(), underlay);
                        });
            }
        } catch (LinuxException e) { // its device went: a change that is looked at by itself
            learntMtus.note(tunnel, null);
        }
    }

    private static void followPath(PathMtu path, UnderlayState underlay) {
        RouteMtus mtus = underlay.route().mtus();
        path.known(mtus.smallest(), mtus.remembersErrors());
    }

    /** Gives a device the MTU that it would have got if its underlay had been there; once. */
    private void correctMtu(LiveTunnel tunnel, Link link, int underlayMtu) {
        int innerMtu = tunnel.spec().innerMtuOver(underlayMtu);
        boolean isUntouched = link != null && link.linkMtu() == tunnel.innerMtu();
        if (isUntouched && innerMtu != tunnel.innerMtu()) {
            netlink.setMtu(link.index(), innerMtu);
        }
    }

    /** One line when something changes; none as long as it stays as it is. */
    private void explain(LiveTunnel tunnel, String explanation) {
        String before = explanations.put(tunnel.index(), explanation);
        if (Objects.equals(before, explanation) || before == null && explanation.isEmpty()) {
            return;
        }
        LOG.log(
                System.Logger.Level.INFO,
                tunnel.name()
                        + ": "
                        + (explanation.isEmpty() ? "packets can leave again" : explanation));
    }

    @Override
    public long tick() {
        long pathsNanos = learntMtus.tick(this::askForPath);
        return nextHops == null ? pathsNanos : Math.min(pathsNanos, nextHops.tick());
    }
}

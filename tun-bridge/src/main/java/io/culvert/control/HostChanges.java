package io.culvert.control;

import io.culvert.channel.Lane;
import io.culvert.channel.Lanes;
import io.culvert.netlink.IpsecPolicies;
import io.culvert.netlink.Link;
import io.culvert.netlink.NetlinkEvent;
import io.culvert.netlink.RouteNetlink;
import io.culvert.pipeline.TunnelPort;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private final ForeignQueues foreignQueues = new ForeignQueues();
    private final Map<String, String> explanations = new LinkedHashMap<>();

    /**
     * @param tunnels all of them, by their indices
     * @param isGone whether a tunnel's device is no more
     * @param ipsec followed, as next hops are, where packets go round the host's IP; else null
     */
    HostChanges(
            RouteNetlink netlink,
            Lanes lanes,
            List<LiveTunnel> tunnels,
            Predicate<LiveTunnel> isGone,
            IpsecPolicies ipsec) {
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
    }

    /** A device that goes up or down is followed at once: packets are waiting for it. */
    @Override
    public void heard(NetlinkEvent event) {
        if (event instanceof NetlinkEvent.LinkChanged changed) {
            linkChanged(changed.link());
        } else if (event instanceof NetlinkEvent.LinkMoved moved) {
            // moving takes it down, but its state over there cannot be seen from here
            setUp(moved.index(), true);
        }
        if (nextHops != null) {
            nextHops.heard(event);
        }
    }

    /**
     * By which way a tunnel's outer packets leave at this moment; any thread.
     *
     * @return {@code null} when it is always the host's IP
     */
    ChosenWay chosenWay(int tunnelIndex) {
        return nextHops == null ? null : nextHops.chosenWay(tunnelIndex);
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
    public void settled() {
        try {
            Map<Integer, Link> links =
                    netlink.links().stream().collect(Collectors.toMap(Link::index, l -> l));
            UnderlayCheck check = new UnderlayCheck(netlink, tunnelsByDevice);
            IpsecCheck ipsecCheck = ipsec == null ? IpsecCheck.NO_POLICIES : IpsecCheck.of(ipsec);
            List<OuterWay> ways = new ArrayList<>();
            for (LiveTunnel tunnel : tunnels) {
                UnderlayState underlay = UnderlayState.without(null, "");
                if (!isGone.test(tunnel)) {
                    underlay = check.of(tunnel.spec(), tunnel.linkIndex());
                    follow(tunnel, links, underlay);
                }
                ways.add(OuterWay.of(tunnel.spec(), ipsecCheck, underlay.route()));
            }
            if (nextHops != null) {
                nextHops.follow(ways, links);
            }
        } catch (RuntimeException e) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "cannot ask for the host's routes: " + e.getMessage());
        }
    }

    private void follow(LiveTunnel tunnel, Map<Integer, Link> links, UnderlayState underlay) {
        Link link = links.get(tunnel.device().interfaceIndex());
        // one that is not listed lives in another namespace, where its state cannot be seen
        boolean isUp = link == null || link.isUp();
        inEveryLane(
                tunnel,
                port -> {
                    port.endpoint().up(isUp);
                    if (link != null) {
                        port.innerMtu(link.linkMtu());
                    }
                    port.encapsulator().close(underlay.obstacle());
                    if (underlay.underlayMtu() > 0) {
                        port.pathMtu().underlayMtu(underlay.underlayMtu());
                    }
                });
        if (tunnel.keepalive() != null) {
            lanes.all().get(0).execute(() -> tunnel.keepalive().local(underlay.source()));
        }
        explain(tunnel.name(), underlay.explanation());
    }

    /** One line when something changes; none as long as it stays as it is. */
    private void explain(String name, String explanation) {
        String before = explanations.put(name, explanation);
        if (Objects.equals(before, explanation) || before == null && explanation.isEmpty()) {
            return;
        }
        LOG.log(
                System.Logger.Level.INFO,
                explanation.isEmpty() ? name + ": packets can leave again" : explanation);
    }

    @Override
    public long tick() {
        return nextHops == null ? NEVER : nextHops.tick();
    }
}

package io.culvert.control;

import io.culvert.attach.AttachClient;
import io.culvert.attach.RequestHandler;
import io.culvert.channel.Lane;
import io.culvert.channel.LaneOptions;
import io.culvert.channel.Lanes;
import io.culvert.channel.UnderlayNeeds;
import io.culvert.netlink.Link;
import io.culvert.netlink.NetlinkEvent;
import io.culvert.netlink.RouteNetlink;
import io.culvert.observe.Counters;
import io.culvert.observe.Counters.Count;
import io.culvert.pipeline.TunnelPort;
import io.culvert.rehearsal.Rehearsal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Tunnels on this host while they run: keeps them in step with the host's addresses, routes and
 * devices, and ends them.
 */
final class HostTunnels implements RunningTunnels {
    private static final System.Logger LOG = System.getLogger("culvert");

    private final long startNanos = System.nanoTime();
    private final Lanes lanes;
    private final boolean rehearses;
    private final RouteNetlink netlink = RouteNetlink.open();
    private final Map<String, String> explanations = new LinkedHashMap<>();
    private final Set<String> gone = ConcurrentHashMap.newKeySet();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final RouteWatch watch;
    private List<LiveTunnel> tunnels = List.of();
    private volatile String failure;
    private Summary lastSummary;
    private boolean isClosing;

    HostTunnels(LaneOptions options) {
        lanes = new Lanes(options);
        rehearses = options.rehearses();
        watch = new RouteWatch(this::followDevice, this::recheck);
    }

    /** Opens all; the caller closes this when it fails. */
    void open(List<TunnelConfig> configs) throws TunnelException {
        UnderlayNeeds needs =
                new UnderlayNeeds(
                        configs.stream().anyMatch(c -> c.spec().link() != null),
                        configs.stream()
                                .map(c -> c.spec().localBits())
                                .collect(Collectors.toSet()));
        TunnelOpener opener = new TunnelOpener(netlink, lanes, this::deviceGone);
        try {
            for (TunnelConfig config : configs) {
                opener.open(config, needs);
            }
        } finally {
            tunnels = List.copyOf(opener.opened());
        }
        for (Lane lane : lanes.all()) {
            lane.start(portsIn(lane));
        }
        lanes.missedPackets(); // what came before they started is missed by nobody
        for (LiveTunnel tunnel : tunnels) {
            if (tunnel.keepalive() != null) {
                tunnel.keepalive().start(lanes.all().get(0), tunnel.ports().get(0));
            }
        }
        watch.start();
    }

    private List<TunnelPort> portsIn(Lane lane) {
        return tunnels.stream().map(tunnel -> tunnel.ports().get(lane.index())).toList();
    }

    @Override
    public List<String> upLines() {
        return tunnels.stream().map(LiveTunnel::upLine).toList();
    }

    @Override
    public synchronized Summary summary() {
        return lastSummary != null ? lastSummary : currentSummary();
    }

    @Override
    public Map<String, RequestHandler> verbs() {
        List<String> names = tunnels.stream().map(LiveTunnel::name).toList();
        return Map.of(
                AttachClient.TUNNELS, new TunnelsVerb(tunnels),
                StatsVerb.NAME, new StatsVerb(this::summary, tunnels),
                TraceVerb.VERB, new TraceVerb(names, lanes.all()));
    }

    @Override
    public void awaitEnd() throws TunnelException, InterruptedException {
        Rehearsal rehearsal = rehearses ? Rehearsal.begin(tunnels.get(0).spec()) : null;
        try {
            ended.await();
        } finally {
            if (rehearsal != null) {
                rehearsal.close();
            }
        }
        if (failure != null) {
            throw new TunnelException(TunnelException.Kind.FAILED, failure);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (isClosing) {
                return;
            }
            isClosing = true;
        }
        watch.close();
        lanes.close();
        synchronized (this) {
            lastSummary = currentSummary();
        }
        netlink.close();
        ended.countDown();
    }

    private Summary currentSummary() {
        long[] missed = lanes.missedPackets();
        return new Summary(
                Duration.ofNanos(System.nanoTime() - startNanos),
                tunnels.stream().map(LiveTunnel::counts).toList(),
                lanes.all().stream().map(lane -> laneCounts(lane, missed[lane.index()])).toList());
    }

    private LaneCounts laneCounts(Lane lane, long missed) {
        Counters stray = lane.tunnels().strayCounters();
        long received = stray.get(Count.RECEIVED);
        for (TunnelPort port : portsIn(lane)) {
            received += port.counters().get(Count.RECEIVED);
        }
        return new LaneCounts(lane.index(), received, missed, stray.drops());
    }

    /** A device that goes up or down is followed at once: packets are waiting for it. */
    private void followDevice(NetlinkEvent event) {
        if (event instanceof NetlinkEvent.LinkChanged changed) {
            setUp(changed.link().index(), changed.link().isUp());
        } else if (event instanceof NetlinkEvent.LinkMoved moved) {
            // moving takes it down, but its state over there cannot be seen from here
            setUp(moved.index(), true);
        }
    }

    private void setUp(int deviceIndex, boolean isUp) {
        for (LiveTunnel tunnel : tunnels) {
            if (tunnel.device().interfaceIndex() == deviceIndex) {
                inEveryLane(tunnel, port -> port.endpoint().up(isUp));
            }
        }
    }

    /** Has every lane change its own state of a tunnel, soon and each on its thread. */
    private void inEveryLane(LiveTunnel tunnel, Consumer<TunnelPort> change) {
        for (Lane lane : lanes.all()) {
            TunnelPort port = tunnel.ports().get(lane.index());
            lane.execute(() -> change.accept(port));
        }
    }

    /** Has every tunnel follow the host as it is now. The watch's thread. */
    private void recheck() {
        try {
            Map<Integer, Link> links =
                    netlink.links().stream().collect(Collectors.toMap(Link::index, l -> l));
            UnderlayCheck check = new UnderlayCheck(netlink, tunnels);
            for (LiveTunnel tunnel : tunnels) {
                if (!gone.contains(tunnel.name())) {
                    follow(tunnel, links, check.of(tunnel.spec(), tunnel.linkIndex()));
                }
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

    /** Each lane that has a queue of the device tells; the first one is believed. */
    private void deviceGone(String name, Throwable cause) {
        if (!gone.add(name)) {
            return;
        }
        for (LiveTunnel tunnel : tunnels) {
            if (tunnel.name().equals(name)) {
                letGo(tunnel);
            }
        }
        String sentence = name + ": " + cause.getMessage();
        if (gone.size() < tunnels.size()) {
            LOG.log(System.Logger.Level.INFO, sentence);
        } else {
            failure = sentence;
            ended.countDown();
        }
    }

    private void letGo(LiveTunnel tunnel) {
        for (Lane lane : lanes.all()) {
            lane.execute(() -> lane.closeDevice(tunnel.device().tunnelIndex()));
        }
    }
}

package io.culvert.control;

import io.culvert.attach.AttachClient;
import io.culvert.attach.RequestHandler;
import io.culvert.channel.Lane;
import io.culvert.channel.LaneOptions;
import io.culvert.channel.Lanes;
import io.culvert.channel.UnderlayNeeds;
import io.culvert.linux.LinuxException;
import io.culvert.netlink.IpsecPolicies;
import io.culvert.netlink.Link;
import io.culvert.netlink.RouteNetlink;
import io.culvert.observe.Counters;
import io.culvert.observe.Counters.Count;
import io.culvert.pipeline.TunnelPort;
import io.culvert.rehearsal.Rehearsal;
import io.culvert.spec.OuterIpv4;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

/**
 * Tunnels on this host while they run: keeps them in step with the host's addresses, routes and
 * devices, and ends them.
 */
final class HostTunnels implements RunningTunnels {
    private static final System.Logger LOG = System.getLogger("culvert");
    private static final String BY_RAW_SOCKETS =
            "packets go by raw sockets, those of all tunnels: ";

    private final long startNanos = System.nanoTime();
    private final Lanes lanes;
    private final DeviceLosses losses = new DeviceLosses();
    private final boolean rehearses;
    private final IpsecPolicies ipsec; // null where all packets go by raw sockets
    private final RouteNetlink netlink;
    private final LinkLocalAddresses linkLocal;
    private final Set<String> gone = ConcurrentHashMap.newKeySet();
    private final CountDownLatch ended = new CountDownLatch(1);
    private HostChanges changes; // null until tunnels are there to follow
    private RouteWatch watch; // null until tunnels are there to follow
    private List<LiveTunnel> tunnels = List.of();
    private volatile String failure;
    private Summary lastSummary;
    private boolean isClosing;

    private HostTunnels(RouteNetlink netlink, IpsecPolicies ipsec, Lanes lanes, boolean rehearses) {
        this.netlink = netlink;
        this.linkLocal = new LinkLocalAddresses(netlink);
        this.ipsec = ipsec;
        this.lanes = lanes;
        this.rehearses = rehearses;
    }

    /**
     * What tunnels need before they are opened.
     *
     * @param configs of the tunnels that are to be opened
     */
    static HostTunnels prepare(LaneOptions options, List<TunnelConfig> configs) {
        RouteNetlink netlink = RouteNetlink.open();
        IpsecPolicies ipsec = null;
        try {
            ipsec = options.underlay().usesNextHops() ? policiesIfToldOf() : null;
            if (ipsec != null && !permits(ipsec, configs)) {
                ipsec.close();
                ipsec = null;
            }
            Lanes lanes = new Lanes(ipsec == null ? options.overRawSockets() : options);
            return new HostTunnels(netlink, ipsec, lanes, options.rehearses());
        } catch (RuntimeException | Error e) {
            netlink.close();
            if (ipsec != null) {
                ipsec.close();
            }
            throw e;
        }
    }

    /** Null where the kernel does not tell of them. */
    private static IpsecPolicies policiesIfToldOf() {
        try {
            return IpsecPolicies.open();
        } catch (LinuxException e) {
            LOG.log(System.Logger.Level.INFO, BY_RAW_SOCKETS + e.getMessage());
            return null;
        }
    }

    /** Whether IPsec objects to no tunnel: they share one way to receive. */
    private static boolean permits(IpsecPolicies ipsec, List<TunnelConfig> configs) {
        IpsecCheck check = IpsecCheck.of(ipsec);
        for (TunnelConfig config : configs) {
            String objection = check.objection(config.spec());
            if (!objection.isEmpty()) {
                LOG.log(
                        System.Logger.Level.INFO,
                        config.spec().name() + ": " + BY_RAW_SOCKETS + objection);
                return false;
            }
        }
        return true;
    }

    /** Of the host's own links: packets come by any of them. */
    private int largestLinkMtu() {
        return netlink.links().stream()
                .filter(link -> link.isUp() && link.isEthernet())
                .mapToInt(Link::linkMtu)
                .max()
                .orElse(0);
    }

    /**
     * Opens all that can be opened; the caller closes this when it fails, which is when none can.
     */
    void open(List<TunnelConfig> configs) throws TunnelException {
        UnderlayNeeds needs =
                new UnderlayNeeds(
                        configs.stream().anyMatch(c -> c.spec().link() != null),
                        lanes.underlay().usesNextHops() ? largestLinkMtu() : 0,
                        configs.stream()
                                .map(c -> c.spec().outer())
                                .filter(OuterIpv4.class::isInstance)
                                .map(outer -> ((OuterIpv4) outer).localBits())
                                .collect(Collectors.toSet()));
        TunnelOpener opener = new TunnelOpener(netlink, lanes, linkLocal, this::deviceGone);
        openEach(configs, needs, opener);
        tunnels.forEach(losses::begin);
        for (Lane lane : lanes.all()) {
            lane.start(portsIn(lane));
        }
        lanes.missedPackets(); // what came before they started is missed by nobody
        for (LiveTunnel tunnel : tunnels) {
            if (tunnel.keepalive() != null) {
                tunnel.keepalive().start(lanes.all().get(0), tunnel.ports().get(0));
            }
        }
        changes =
                new HostChanges(
                        netlink, lanes, tunnels, t -> gone.contains(t.name()), ipsec, linkLocal);
        watch = new RouteWatch(changes, ipsec);
        watch.start();
        changes.followPaths(watch::wake);
    }

    /** Opens what can be opened; one that cannot keeps no other from running. */
    private void openEach(List<TunnelConfig> configs, UnderlayNeeds needs, TunnelOpener opener)
            throws TunnelException {
        Map<String, Exception> failures = new LinkedHashMap<>();
        try {
            for (TunnelConfig config : configs) {
                try {
                    opener.open(config, needs);
                } catch (TunnelException | LinuxException e) {
                    failures.put(config.spec().name(), e);
                }
            }
        } finally {
            tunnels = List.copyOf(opener.opened());
        }
        if (tunnels.isEmpty()) {
            throwFirst(failures.values());
        }
        failures.forEach(
                (name, e) ->
                        LOG.log(
                                System.Logger.Level.INFO,
                                name + " is left out, the others run: " + e.getMessage()));
    }

    private static void throwFirst(Collection<Exception> failures) throws TunnelException {
        Exception first = failures.iterator().next();
        if (first instanceof LinuxException refusal) {
            throw refusal;
        }
        throw (TunnelException) first;
    }

    private List<TunnelPort> portsIn(Lane lane) {
        return tunnels.stream().map(tunnel -> tunnel.ports().get(lane.index())).toList();
    }

    @Override
    public List<String> upLines() {
        return tunnels.stream().map(t -> t.line(TunnelState.Device.UP)).toList();
    }

    @Override
    public synchronized Summary summary() {
        return lastSummary != null ? lastSummary : currentSummary();
    }

    @Override
    public Map<String, RequestHandler> verbs() {
        List<String> names = tunnels.stream().map(LiveTunnel::name).toList();
        return Map.of(
                AttachClient.TUNNELS, new TunnelsVerb(tunnels, changes::state),
                StatsVerb.NAME, new StatsVerb(this::summary, tunnels, changes::state),
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
        if (watch != null) {
            watch.close();
        }
        linkLocal.release();
        losses.close();
        lanes.close();
        synchronized (this) {
            lastSummary = currentSummary();
        }
        netlink.close();
        if (ipsec != null) {
            ipsec.close();
        }
        ended.countDown();
    }

    private Summary currentSummary() {
        long[] missed = lanes.missedPackets();
        return new Summary(
                Duration.ofNanos(System.nanoTime() - startNanos),
                tunnels.stream().map(tunnel -> tunnel.counts(losses)).toList(),
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

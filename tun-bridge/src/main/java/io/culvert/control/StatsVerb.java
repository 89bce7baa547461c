package io.culvert.control;

import io.culvert.attach.AttachClient;
import io.culvert.attach.Request;
import io.culvert.attach.RequestException;
import io.culvert.attach.RequestHandler;
import io.culvert.attach.Response;
import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.Neighbour;
import io.culvert.netlink.RouteMtus;
import io.culvert.observe.Counters.Count;
import io.culvert.observe.LatencyCounts;
import io.culvert.packet.DropReason;
import io.culvert.packet.DropReason.Direction;
import io.culvert.tunnel.PeerHealth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Answers what the tunnels, or one of them, did up to this moment. Counts only grow; whoever wants
 * rates asks twice.
 */
final class StatsVerb implements RequestHandler {
    static final String NAME = "stats";

    private static final double NANOS_PER_SECOND = 1e9;

    private final Supplier<Summary> summary;
    private final List<LiveTunnel> tunnels;
    private final Function<LiveTunnel, TunnelState> states;
    private final Map<String, Long> kernelAtStart = KernelLoss.read(StatsVerb::file);

    /**
     * @param tunnels in the order of the summary's
     */
    StatsVerb(
            Supplier<Summary> summary,
            List<LiveTunnel> tunnels,
            Function<LiveTunnel, TunnelState> states) {
        this.summary = summary;
        this.tunnels = tunnels;
        this.states = states;
    }

    @Override
    public void handle(Request request, Response response) throws IOException, RequestException {
        String wanted = request.text("tunnel");
        Summary now = summary.get();
        List<Map<String, Object>> answers = new ArrayList<>();
        for (int i = 0; i < tunnels.size(); i++) {
            if (wanted == null || wanted.equals(tunnels.get(i).name())) {
                answers.add(of(tunnels.get(i), now.tunnels().get(i)));
            }
        }
        if (answers.isEmpty()) {
            throw new RequestException("this process has no tunnel " + wanted);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("pid", ProcessHandle.current().pid());
        answer.put("uptime-seconds", now.uptime().toMillis() / 1000.0);
        answer.put("tunnels", answers);
        answer.put("lanes", now.lanes().stream().map(StatsVerb::of).toList());
        answer.put("kernel-drops", kernelDrops());
        response.answer(answer);
    }

    /** What the kernel lost of this network namespace's packets meanwhile, the tunnels' or not. */
    private List<Map<String, Object>> kernelDrops() {
        List<Map<String, Object>> list = new ArrayList<>();
        Map<String, Long> now = KernelLoss.read(StatsVerb::file);
        KernelLoss.between(kernelAtStart, now)
                .forEach(
                        (loss, packets) -> {
                            Map<String, Object> object = new LinkedHashMap<>();
                            object.put("counter", loss.counter());
                            object.put("packets", packets);
                            object.put("description", loss.description());
                            object.put("cure", loss.cure());
                            list.add(object);
                        });
        return list;
    }

    private static Optional<String> file(String path) {
        try {
            return Optional.of(Files.readString(Path.of(path)));
        } catch (IOException e) {
            return Optional.empty(); // such as /proc/net/snmp where /proc is not mounted
        }
    }

    private Map<String, Object> of(LiveTunnel tunnel, TunnelCounts counts) {
        TunnelState state = states.apply(tunnel);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put(AttachClient.NAME, tunnel.name());
        object.put("up", tunnel.line(state.device()));
        object.put(AttachClient.STATE, state.device().label());
        object.put(
                AttachClient.WAITING_FOR, state.waitingFor().isEmpty() ? null : state.waitingFor());
        ConfigFields.addTo(object, tunnel.config());
        object.put("offload", tunnel.offloadWords());
        object.put("mtu-bytes", tunnel.currentMtu());
        object.put("path-mtu-bytes", tunnel.pathMtu());
        addSource(object, tunnel, state.mtus());
        object.put(
                "received",
                direction(
                        counts.receivedBytes(),
                        counts.receivedPackets(),
                        counts.drops(),
                        Direction.RECEIVE));
        object.put(
                "sent",
                direction(
                        counts.sentBytes(),
                        counts.sentPackets(),
                        counts.drops(),
                        Direction.TRANSMIT));
        object.put("drops", drops(counts.drops()));
        object.put("fragments-made", counts.fragmentsMade());
        object.put("icmp", icmp(counts));
        object.put("keepalive", keepalive(tunnel, counts.keepalives()));
        object.put("latency-received", buckets(tunnel.receiveLatency()));
        object.put("latency-sent", buckets(tunnel.transmitLatency()));
        object.put(
                "round-trip",
                tunnel.keepalive() == null ? null : buckets(tunnel.keepalive().roundTrips()));
        object.put(AttachClient.UNDERLAY, underlay(tunnel, state.way()));
        return object;
    }

    private static void addSource(Map<String, Object> object, LiveTunnel tunnel, RouteMtus mtus) {
        if (mtus == null) {
            object.put("path-mtu-source", null);
            return;
        }
        if (tunnel.pathMtu() < mtus.smallest()) { // the kernel has noted it for another way
            object.put("path-mtu-source", "learnt");
            object.put("path-mtu-expires-seconds", tunnel.pathMtuLifetimeSeconds());
            return;
        }
        boolean isLearnt = mtus.isLimitedByLearning();
        String source = isLearnt ? "learnt" : mtus.isLimitedByRoute() ? "route" : "link";
        object.put("path-mtu-source", source);
        object.put("path-mtu-expires-seconds", isLearnt ? mtus.expiresSeconds() : null);
    }

    /** Its kind, and where packets have the choice, which way they go. */
    private static Map<String, Object> underlay(LiveTunnel tunnel, ChosenWay way) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("kind", tunnel.underlay().word());
        if (way != null) {
            object.put("next-hop", way.hop() == null ? null : nextHop(way));
            object.put("obstacle", way.hop() == null ? way.obstacle() : null);
        }
        return object;
    }

    private static Map<String, Object> nextHop(ChosenWay way) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("address", IpPrefix.text(way.neighbour()));
        object.put("device", way.interfaceName());
        object.put("link-address", Neighbour.linkText(way.hop().linkAddress()));
        object.put("mtu-bytes", way.hop().linkMtu());
        return object;
    }

    private static Map<String, Object> direction(
            long bytes, long packets, Map<DropReason, Long> drops, Direction direction) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("bytes", bytes);
        object.put("packets", packets);
        object.put("errors", errors(drops, direction));
        object.put("dropped", LinkColumn.DROPPED.of(drops, direction));
        List<LinkColumn> columns =
                direction == Direction.RECEIVE
                        ? List.of(
                                LinkColumn.LENGTH,
                                LinkColumn.CRC,
                                LinkColumn.FRAME,
                                LinkColumn.FIFO)
                        : List.of(LinkColumn.CARRIER, LinkColumn.COLLISIONS);
        for (LinkColumn column : columns) {
            object.put(column.word(), column.of(drops, direction));
        }
        return object;
    }

    private static long errors(Map<DropReason, Long> drops, Direction direction) {
        long errors = 0;
        for (LinkColumn column : LinkColumn.values()) {
            errors += column.isError() ? column.of(drops, direction) : 0;
        }
        return errors;
    }

    private static List<Map<String, Object>> drops(Map<DropReason, Long> drops) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (DropReason reason : DropReason.values()) {
            if (drops.getOrDefault(reason, 0L) > 0) {
                Map<String, Object> object = new LinkedHashMap<>();
                object.put("reason", reason.label());
                object.put(
                        "direction", reason.direction() == Direction.RECEIVE ? "received" : "sent");
                object.put("packets", drops.get(reason));
                object.put("description", reason.description());
                list.add(object);
            }
        }
        return list;
    }

    private static Map<String, Object> icmp(TunnelCounts counts) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("errors-received", counts.icmpErrorsReceived());
        object.put("last-error", counts.lastIcmpError().isEmpty() ? null : counts.lastIcmpError());
        object.put("errors-written", counts.icmpErrorsWritten());
        return object;
    }

    private static Map<String, Object> keepalive(LiveTunnel tunnel, KeepaliveCounts counts) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("received", tunnel.sum(Count.KEEPALIVES_RECEIVED));
        object.put("sent", counts.sent());
        object.put("answers-sent", counts.answersSent());
        object.put("peer", counts.peer() == null ? null : peer(counts.peer()));
        return object;
    }

    private static Map<String, Object> peer(PeerHealth peer) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("state", peer.state().name().toLowerCase(Locale.ROOT));
        object.put("state-seconds", peer.stateNanos() / NANOS_PER_SECOND);
        object.put("asked", peer.asked());
        object.put("answered", peer.answered());
        object.put("lost", peer.lost());
        object.put("last-nanos", peer.lastNanos() < 0 ? null : peer.lastNanos());
        return object;
    }

    /** Nanoseconds and packets, in turns. */
    private static List<Long> buckets(LatencyCounts counts) {
        List<Long> list = new ArrayList<>();
        counts.forEach(
                (nanos, packets) -> {
                    list.add(nanos);
                    list.add(packets);
                });
        return list;
    }

    private static Map<String, Object> of(LaneCounts lane) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("lane", lane.index());
        object.put("received-packets", lane.receivedPackets());
        object.put("missed-packets", lane.missedPackets());
        object.put("drops", drops(lane.drops()));
        return object;
    }
}

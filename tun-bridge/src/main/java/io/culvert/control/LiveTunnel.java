package io.culvert.control;

import io.culvert.device.TunDevice;
import io.culvert.device.TunOffloads;
import io.culvert.device.UnderlayKind;
import io.culvert.observe.Counters.Count;
import io.culvert.observe.LatencyCounts;
import io.culvert.packet.DropReason;
import io.culvert.pipeline.TunnelPort;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.OuterError;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;

/**
 * A tunnel that is open: its configuration, its device and its ports.
 *
 * @param devices the device's queue, or its first one again, for each lane by the lane's index
 * @param ports one in each lane, by the lane's index
 * @param keepalive asks the peer whether it is there; null when nobody wants to know
 * @param innerMtu the MTU that its device was given, in bytes
 * @param isMtuGuessed whether nobody asked for that MTU, and the underlay's was not known
 * @param underlay by which way its outer packets reach the wire
 */
record LiveTunnel(
        TunnelConfig config,
        List<TunDevice> devices,
        List<TunnelPort> ports,
        PeerKeepalive keepalive,
        int innerMtu,
        boolean isMtuGuessed,
        UnderlayKind underlay) {

    LiveTunnel {
        devices = List.copyOf(devices);
        ports = List.copyOf(ports);
    }

    /** The device, by its first queue. */
    TunDevice device() {
        return devices.get(0);
    }

    /** How many lanes carry it, when they are several, and which way they do not. */
    String laneWords() {
        int lanes = devices.size();
        if (lanes == 1) {
            return "";
        }
        int processors = Runtime.getRuntime().availableProcessors();
        StringJoiner words = new StringJoiner("; ", " (", ")").setEmptyValue("");
        if (devices.get(1).isWriteOnly()) {
            String reason = spec().gre().outputSequence() ? "seq" : name() + " has one queue";
            words.add("the first one sends: " + reason);
        }
        if (processors < lanes) {
            words.add("on " + processors + (processors == 1 ? " processor" : " processors"));
        }
        return lanes + words.toString();
    }

    /** Which of the process's tunnels it is, from 0. */
    int index() {
        return device().tunnelIndex();
    }

    TunnelSpec spec() {
        return config.spec();
    }

    String name() {
        return config.spec().name();
    }

    /** What offload is in use, and why it is not all that there could be. */
    String offloadWords() {
        TunOffloads offloads = device().offloads();
        String reason = offloads.reason();
        return offloads.words() + (reason.isEmpty() ? "" : " (" + reason + ")");
    }

    /** The line that says how it is, with its MTU of now; any thread. */
    String line(TunnelState.Device state) {
        String line = UpLine.of(spec(), state.words(), currentMtu(), offloadWords(), laneWords());
        return switch (underlay) {
            case RAW -> line;
            case PACKET -> line + ", underlay " + underlay.word();
        };
    }

    /** The counts of all lanes together, and what the device lost; any thread. */
    TunnelCounts counts(DeviceLosses losses) {
        Map<DropReason, Long> drops = drops();
        losses.addTo(drops, this);
        return new TunnelCounts(
                name(),
                sum(Count.DELIVERED),
                sum(Count.DELIVERED_BYTES),
                sum(Count.SENT),
                sum(Count.SENT_BYTES),
                sum(Count.FRAGMENTS_MADE),
                sum(Count.ICMP_ERRORS_WRITTEN),
                sum(Count.ICMP_ERRORS_RECEIVED),
                lastErrorWords(),
                new KeepaliveCounts(
                        sum(Count.KEEPALIVES_SENT),
                        sum(Count.KEEPALIVES_RECEIVED),
                        sum(Count.KEEPALIVE_ANSWERS_SENT),
                        keepalive == null ? null : keepalive.health()),
                drops);
    }

    /** The MTU of its device now, in bytes; any thread. */
    int currentMtu() {
        return ports.get(0).innerMtu();
    }

    /** The largest outer packet that leaves whole, in bytes; any thread. */
    int pathMtu() {
        long nowNanos = System.nanoTime();
        return ports.stream()
                .mapToInt(port -> port.pathMtu().observedMtu(nowNanos))
                .min()
                .orElseThrow();
    }

    /** How long its lanes remember an MTU that the kernel does not, in seconds; any thread. */
    long pathMtuLifetimeSeconds() {
        long nowNanos = System.nanoTime();
        long nanos =
                ports.stream()
                        .mapToLong(port -> port.pathMtu().observedLifetimeNanos(nowNanos))
                        .max()
                        .orElseThrow();
        return TimeUnit.NANOSECONDS.toSeconds(nanos);
    }

    /** How long packets took from the device to the wire, in all lanes; any thread. */
    LatencyCounts transmitLatency() {
        return ports.stream()
                .map(port -> port.transmitLatency().counts())
                .reduce(LatencyCounts.NONE, LatencyCounts::plus);
    }

    /** How long packets took from the wire to the device, in all lanes; any thread. */
    LatencyCounts receiveLatency() {
        return ports.stream()
                .map(port -> port.receiveLatency().counts())
                .reduce(LatencyCounts.NONE, LatencyCounts::plus);
    }

    /** A count of all lanes together; any thread. */
    long sum(Count count) {
        return ports.stream().mapToLong(port -> port.counters().get(count)).sum();
    }

    private Map<DropReason, Long> drops() {
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        for (TunnelPort port : ports) {
            port.counters()
                    .drops()
                    .forEach((reason, count) -> drops.merge(reason, count, Long::sum));
        }
        return drops;
    }

    private String lastErrorWords() {
        OuterError lastError = ports.get(0).lastError();
        return lastError == null ? "" : IcmpWords.of(lastError);
    }
}

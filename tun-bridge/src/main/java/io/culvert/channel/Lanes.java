package io.culvert.channel;

import io.culvert.device.FlowSplit;
import io.culvert.device.LocalPackets;
import io.culvert.device.OuterProtocol;
import io.culvert.device.PacketSocket;
import io.culvert.device.RawIpOptions;
import io.culvert.device.RawIpSocket;
import io.culvert.device.RingOptions;
import io.culvert.device.SentinelSocket;
import io.culvert.device.UnderlayKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * The event loops of a process, side by side. Each carries every tunnel, with sockets, devices'
 * queues and state of its own; the kernel deals packets to them by flow, so that the packets of one
 * flow stay in one lane and in order.
 *
 * <p>Opened and closed by one thread.
 */
public final class Lanes implements AutoCloseable {
    /**
     * The kernel waits some 20 ms for each device that goes: one after another when one thread
     * closes them, and for many at once when many do. 200 took 4.7 s.
     */
    private static final int MOST_CLOSERS = 32;

    private static final long MOST_CLOSING_SECONDS = 30;

    private final ExecutorService deviceClosers = deviceClosers();
    private final List<Lane> lanes;
    private final Set<OuterProtocol> protocols = new HashSet<>();
    private final List<SentinelSocket> sentinels = new ArrayList<>();
    private final List<MissedPackets> missed = new CopyOnWriteArrayList<>(); // by protocol
    private final List<List<PacketSocket>> packetSockets = new CopyOnWriteArrayList<>();
    private final UnderlayKind kind;

    /**
     * @throws IllegalStateException when there is no memory for so many lanes, or Netty's native
     *     epoll library cannot be loaded
     */
    public Lanes(LaneOptions options) {
        kind = options.underlay();
        try {
            lanes =
                    IntStream.range(0, options.lanes())
                            .mapToObj(index -> new Lane(index, options, deviceClosers))
                            .toList();
        } catch (OutOfMemoryError e) {
            // of direct memory: what the JVM itself needs is in the heap, and there
            throw new IllegalStateException(
                    "cannot make "
                            + options.lanes()
                            + " lanes: each takes 40 MiB outside of the heap: make fewer, or give"
                            + " Java more: -XX:MaxDirectMemorySize=SIZE",
                    e);
        }
    }

    /** Without threads while no device closes. */
    private static ExecutorService deviceClosers() {
        ThreadPoolExecutor closers =
                new ThreadPoolExecutor(
                        MOST_CLOSERS,
                        MOST_CLOSERS,
                        1,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>());
        closers.allowCoreThreadTimeOut(true);
        return closers;
    }

    /** By which way the lanes' outer packets reach the wire. */
    public UnderlayKind underlay() {
        return kind;
    }

    /**
     * By which way those of one outer protocol do: packet sockets are for IPv4 only, and what goes
     * over IPv6 goes through the host's IP.
     */
    public UnderlayKind underlay(OuterProtocol protocol) {
        return protocol.isOverIpv6() ? UnderlayKind.RAW : kind;
    }

    /** The lanes in the order of their indices; the first one is always there. */
    public List<Lane> all() {
        return lanes;
    }

    /**
     * Opens the sockets of an outer protocol, if they are not open yet; they carry packets from
     * {@link Lane#start} on.
     *
     * @param needs the same for all protocols
     * @throws io.culvert.linux.LinuxException when the kernel refuses it, saying what to do
     * @throws IllegalArgumentException when the kind of underlay cannot meet these needs
     */
    public void openUnderlay(OuterProtocol protocol, UnderlayNeeds needs) {
        if (!protocols.contains(protocol)) {
            switch (underlay(protocol)) {
                case RAW -> openRawSockets(protocol, needs);
                case PACKET -> openPacketSockets(protocol, needs);
            }
            protocols.add(protocol);
        }
    }

    private void openRawSockets(OuterProtocol protocol, UnderlayNeeds needs) {
        SentinelSocket sentinel =
                lanes.size() > 1
                        ? SentinelSocket.openCounting(protocol)
                        : SentinelSocket.open(protocol);
        RawIpOptions usual = RawIpOptions.DEFAULTS;
        RawIpOptions options = needs.recordsLink() ? usual.recordingLink() : usual;
        List<RawIpSocket> sockets = new ArrayList<>();
        try {
            for (Lane lane : lanes) {
                sockets.add(RawIpSocket.open(protocol, options, split(lane)));
            }
        } catch (RuntimeException e) { // tunnels of other protocols go on
            sockets.forEach(RawIpSocket::close);
            sentinel.close();
            throw e;
        }
        sentinels.add(sentinel);
        lanes.forEach(lane -> lane.addUnderlay(protocol, sockets.get(lane.index())));
        missed.add(new MissedPackets(sentinel, sockets));
    }

    /**
     * Without a sentinel: the raw sockets that take no packet are what it is, and each socket of a
     * protocol costs every packet a copy of its head.
     */
    private void openPacketSockets(OuterProtocol protocol, UnderlayNeeds needs) {
        RingOptions usual = RingOptions.forLinks(needs.linkMtu());
        RingOptions options = needs.recordsLink() ? usual.recordingLink() : usual;
        LocalPackets packets = LocalPackets.of(protocol.number(), needs.localAddresses());
        List<PacketSocket> sockets = new ArrayList<>();
        List<RawIpSocket> routed = new ArrayList<>();
        try {
            for (Lane lane : lanes) {
                routed.add(RawIpSocket.openForSending(protocol, RawIpOptions.DEFAULTS));
                sockets.add(
                        PacketSocket.open(packets, options, split(lane), routed.get(lane.index())));
            }
        } catch (RuntimeException e) { // tunnels of other protocols go on
            sockets.forEach(PacketSocket::close);
            routed.forEach(RawIpSocket::close);
            throw e;
        }
        for (Lane lane : lanes) {
            lane.addUnderlay(protocol, sockets.get(lane.index()), routed.get(lane.index()));
        }
        packetSockets.add(sockets);
    }

    private FlowSplit split(Lane lane) {
        return new FlowSplit(lane.index(), lanes.size());
    }

    /**
     * Packets that the kernel lost in front of the lanes' sockets because a receive buffer was
     * full, by the lanes' indices; any thread. With several lanes it is their sum that is true, a
     * moment late while packets wait.
     */
    public long[] missedPackets() {
        long[] byLane = new long[lanes.size()];
        missed.forEach(protocol -> protocol.addTo(byLane));
        for (List<PacketSocket> sockets : packetSockets) {
            for (int lane = 0; lane < byLane.length; lane++) {
                byLane[lane] += sockets.get(lane).receiveDrops();
            }
        }
        return byLane;
    }

    /**
     * Stops reading, counts what is left, and lets go of all devices and sockets: first of what
     * reads the wire, so that no packet from there finds its device gone.
     */
    @Override
    public void close() {
        missed.forEach(MissedPackets::close);
        lanes.forEach(Lane::closeUnderlays);
        lanes.forEach(Lane::closeDevices);
        lanes.forEach(Lane::closeRoutes);
        sentinels.forEach(SentinelSocket::close);
        lanes.forEach(Lane::end);
        awaitClosedDevices();
    }

    private void awaitClosedDevices() {
        deviceClosers.shutdown();
        try {
            deviceClosers.awaitTermination(MOST_CLOSING_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) { // the threads go on
            Thread.currentThread().interrupt();
        }
    }
}

package io.culvert.channel;

import io.culvert.device.OuterProtocol;
import io.culvert.device.PacketSocket;
import io.culvert.device.RawIpSocket;
import io.culvert.device.TunDevice;
import io.culvert.device.Underlay;
import io.culvert.linux.NativeMemory;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketSlab;
import io.culvert.pipeline.LaneTunnels;
import io.culvert.pipeline.TunnelPipeline;
import io.culvert.pipeline.TunnelPort;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoopGroup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One event loop with everything that its packets touch: the raw sockets, the devices' channels,
 * the batches and the tunnels' state.
 *
 * <p>Made and closed by one thread, as one of {@link Lanes}; between the two, state is changed by
 * {@link #execute} on the lane's own thread.
 */
public final class Lane {
    private static final int SLOTS = 64;

    /** Of each kind: enough to keep both sides busy while one is blocked, and 4 MiB apiece. */
    private static final int BATCHES = 3;

    private static final int SEGMENT_SLOTS = 128;

    /**
     * As many as all device batches can be cut into: a read ends when the segments fill one, and
     * its last super-packet may fill another.
     */
    private static final int SEGMENT_BATCHES = 3 * BATCHES;

    private final int index;
    private final LaneTunnels tunnels = new LaneTunnels(new HostSwitches());
    private final Map<OuterProtocol, Wire> wires = new LinkedHashMap<>();
    private final List<FdChannel> routes = new ArrayList<>(); // for what has no next hop
    private final List<FdChannel> devices = new ArrayList<>(); // by the tunnels' indices
    private final IoEventLoopGroup group;
    private final Executor deviceCloser;

    // A blocked wire stops the reading of devices, never that of the wire; and what comes into
    // being on the way must not wait for either. Hence three pools.
    private final BatchPool deviceBatches = pool();
    private final BatchPool wireBatches = pool();
    private final BatchPool asideBatches = pool();
    private final BatchPool segmentBatches =
            new BatchPool(
                    SEGMENT_BATCHES,
                    SEGMENT_SLOTS,
                    TunnelPort.SEGMENT_SLOT_BYTES,
                    NativeMemory::addressOf);

    /** What receives and sends one outer protocol. */
    private record Wire(Underlay underlay, RawIpChannel channel) {}

    /**
     * @param deviceCloser runs what closes a device
     */
    Lane(int index, LaneOptions options, Executor deviceCloser) {
        this.index = index;
        this.deviceCloser = deviceCloser;
        this.group = LaneGroup.open("culvert-lane-" + index, options.spinMicros());
    }

    /** Which of the process's lanes it is, from 0. */
    public int index() {
        return index;
    }

    /** Batches for fragments and ICMP errors. */
    public BatchPool asideBatches() {
        return asideBatches;
    }

    public LaneTunnels tunnels() {
        return tunnels;
    }

    /** Takes a socket for an outer protocol; the lane closes it. */
    public void addUnderlay(OuterProtocol protocol, RawIpSocket socket) {
        RawIpChannel channel = new RawIpChannel(socket, wireBatches, socket.errorQueue()::drain);
        TunnelPipeline.onUnderlay(channel.pipeline(), tunnels);
        wires.put(protocol, new Wire(socket, channel));
    }

    /**
     * Takes a socket for an outer protocol, and the one for what has no next hop, which is told of
     * errors and receives nothing; the lane closes both.
     */
    void addUnderlay(OuterProtocol protocol, PacketSocket socket, RawIpSocket routed) {
        RawIpChannel received =
                new RawIpChannel(socket, wireBatches, RawIpChannel.ErrorSource.NONE);
        TunnelPipeline.onUnderlay(received.pipeline(), tunnels);
        RawIpChannel errors = new RawIpChannel(routed, wireBatches, routed.errorQueue()::drain);
        TunnelPipeline.onUnderlay(errors.pipeline(), tunnels);
        errors.config().setAutoRead(false);
        wires.put(protocol, new Wire(socket, received));
        routes.add(errors);
    }

    /** Makes packets of a tunnel leave by one interface. Before the start, or the lane's thread. */
    public void sendByLink(int tunnelIndex, int linkIndex) {
        wires.values().forEach(wire -> wire.underlay().boundLink(tunnelIndex, linkIndex));
    }

    /**
     * Has tunnels receive from other links than before, and send by these. Lane thread.
     *
     * @see LaneTunnels#bindToLinks
     */
    public void bindToLinks(Map<Integer, Integer> links) {
        tunnels.bindToLinks(links);
        links.forEach(this::sendByLink);
    }

    /**
     * Tells the underlays where a tunnel's packets go first. Lane thread.
     *
     * @see Underlay#nextHop
     */
    public void nextHop(int tunnelIndex, int interfaceIndex, long linkAddress, int linkMtu) {
        for (Wire wire : wires.values()) {
            wire.underlay().nextHop(tunnelIndex, interfaceIndex, linkAddress, linkMtu);
        }
    }

    /** Tells the underlays that nobody knows where a tunnel's packets go first. Lane thread. */
    public void noNextHop(int tunnelIndex) {
        wires.values().forEach(wire -> wire.underlay().noNextHop(tunnelIndex));
    }

    /**
     * Joins a device to the underlay that sends its tunnel's packets.
     *
     * @param protocol an outer protocol whose sockets are open
     * @param onFailure is told, on the lane's thread, what ends the device's channel
     */
    public void addDevice(
            TunDevice device,
            TunnelPort port,
            OuterProtocol protocol,
            Consumer<Throwable> onFailure) {
        TunChannel channel =
                new TunChannel(device, device.tunnelIndex(), deviceBatches, deviceCloser);
        if (device.isWriteOnly()) {
            channel.config().setAutoRead(false);
        }
        TunnelPipeline.onDevice(channel.pipeline(), port);
        channel.pipeline().addLast("failure", new DeviceFailure(onFailure));
        port.connect(channel, wires.get(protocol).channel());
        if (device.offloads().isOn()) {
            port.offload(segmentBatches, device.offloads().uso());
        }
        devices.add(channel);
    }

    /**
     * Starts to carry packets.
     *
     * @param ports the lane's tunnels, in the order of their indices
     */
    public void start(List<TunnelPort> ports) {
        List<FdChannel> channels = new ArrayList<>(devices);
        wires.values().forEach(wire -> channels.add(wire.channel()));
        channels.addAll(routes);
        EventLoop lane = group.next();
        // In one task: a packet that is read before all are there would find no way to go on.
        lane.submit(
                        () -> {
                            tunnels.tunnels(ports);
                            return channels.stream().map(c -> c.registerWith(lane)).toList();
                        })
                .syncUninterruptibly()
                .getNow()
                .forEach(ChannelFuture::syncUninterruptibly);
    }

    /** Runs something on the lane's thread, soon; not at all once the lane is closed. */
    public void execute(Runnable task) {
        if (!group.isShuttingDown()) {
            group.next().execute(task);
        }
    }

    /** Runs something on the lane's thread, at once and then after each period until it closes. */
    public void repeat(long periodNanos, Runnable task) {
        // with a delay, not at a rate: a process that was stopped would make up for the time
        group.next().scheduleWithFixedDelay(task, 0, periodNanos, TimeUnit.NANOSECONDS);
    }

    /** Lets go of a device that is no more. Lane thread. */
    public void closeDevice(int tunnelIndex) {
        devices.get(tunnelIndex).close();
    }

    /** Stops reading the wire, and counts what is left. */
    void closeUnderlays() {
        wires.values().forEach(wire -> close(wire.channel()));
    }

    /** Stops reading the devices, and has them closed. */
    void closeDevices() {
        devices.forEach(Lane::close);
    }

    /** Lets go of what packet sockets send by, after them. */
    void closeRoutes() {
        routes.forEach(Lane::close);
    }

    /** Ends the event loop, once its channels are closed. */
    void end() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** A channel whose start failed has no event loop that could close it. */
    private static void close(FdChannel channel) {
        if (channel.isRegistered()) {
            channel.close().syncUninterruptibly();
        } else {
            channel.unsafe().closeForcibly();
        }
    }

    private static BatchPool pool() {
        return new BatchPool(BATCHES, SLOTS, PacketSlab.MAX_PACKET_BYTES, NativeMemory::addressOf);
    }
}

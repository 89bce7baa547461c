package io.culvert.pipeline;

import io.culvert.packet.PacketBatch;
import io.netty.channel.ChannelPipeline;

/**
 * The entrance: the way of a packet, both ways, station by station, and the handlers that stand in
 * the pipelines of a lane's channels. All channels of a lane are registered with one event loop, so
 * a packet never changes threads and nothing here is locked.
 *
 * <pre>
 *   device channel                                            underlay channel
 *   (one per tunnel)                                          (one per lane and protocol)
 *        |                                                          ^
 *        | read: PacketBatch                                        | write
 *        +----&gt; EncapsulationHandler --&gt; Encapsulator --------------+
 *
 *        +----- DecapsulationHandler &lt;-- TunnelTable, Decapsulator --+
 *        | write                                                    | read: PacketBatch,
 *        v                                                          | event: OuterError
 * </pre>
 *
 * <p><b>Outbound</b>, from the tunnel's device to the wire:
 *
 * <ol>
 *   <li>{@code TunDevice} reads packets, or Ethernet frames, into the slots of a {@link
 *       PacketBatch}; {@code TunChannel} fires the batch.
 *   <li>{@link EncapsulationHandler} hands it to its tunnel's {@link TunnelPort}.
 *   <li>{@link SuperPacketSender} has a {@link io.culvert.offload.Segmenter} cut super-packets,
 *       where there are any.
 *   <li>{@link io.culvert.tunnel.Encapsulator} reads each inner packet once, asks the {@link
 *       io.culvert.tunnel.PathMtu} whether it fits, and puts the headers in front of it. What is
 *       too large becomes fragments or an ICMP error to its sender.
 *   <li>{@link BatchWriter} writes the batch to the underlay's channel; {@code RawIpSocket} sends
 *       it by one system call.
 *   <li>The batch is released: {@link TunnelPort} counts how each packet ended ({@link
 *       io.culvert.observe.Counters}), how long it took ({@link
 *       io.culvert.observe.LatencyRecorder}), and shows it to a watcher ({@link
 *       io.culvert.observe.PacketTrace}).
 * </ol>
 *
 * <p><b>Inbound</b>, from the wire to a tunnel's device:
 *
 * <ol>
 *   <li>{@code RawIpSocket} receives packets of all tunnels, each with its outer IP header; an
 *       {@link io.culvert.tunnel.OuterError} comes as an event.
 *   <li>{@link DecapsulationHandler} hands the batch to the lane's {@link
 *       io.culvert.tunnel.Decapsulator}, which reads the outer header, finds the tunnel in the
 *       {@link io.culvert.tunnel.TunnelTable}, checks what the tunnel asks of the GRE header, takes
 *       keepalives out, checks the inner packet and gives it the outer one's ECN.
 *   <li>Each {@link TunnelPort} that the batch has packets for: {@link
 *       io.culvert.offload.HostMerges} looks for packets that the host has joined, and {@link
 *       io.culvert.offload.Coalescer} joins those of a flow for a device that takes super-packets.
 *   <li>{@link BatchWriter} writes the batch to the device's channel; {@code TunDevice} writes the
 *       packets of its own tunnel.
 *   <li>The batch is released by its last owner: {@link LaneTunnels} has each tunnel count its
 *       packets, and counts itself those that belong to none.
 * </ol>
 */
public final class TunnelPipeline {
    private TunnelPipeline() {}

    /** Lays the way of what a tunnel's device reads. */
    public static void onDevice(ChannelPipeline pipeline, TunnelPort port) {
        pipeline.addLast("encapsulate", new EncapsulationHandler(port));
    }

    /** Lays the way of what an underlay reads. */
    public static void onUnderlay(ChannelPipeline pipeline, LaneTunnels tunnels) {
        pipeline.addLast("decapsulate", new DecapsulationHandler(tunnels));
    }
}

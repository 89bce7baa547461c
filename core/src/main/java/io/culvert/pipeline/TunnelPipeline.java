package io.culvert.pipeline;

import io.netty.channel.ChannelPipeline;

/**
 * Where a packet's way is laid: which handlers stand in the pipelines of a lane's channels.
 *
 * <pre>
 *   device channel                                            underlay channel
 *   (one per tunnel)                                          (one per lane and protocol)
 *        |                                                          ^
 *        | read: PacketBatch                                        | write
 *        +----> EncapsulationHandler --> Encapsulator --------------+
 *
 *        +----- DecapsulationHandler &lt;-- TunnelTable, Decapsulator --+
 *        | write                                                    | read: PacketBatch,
 *        v                                                          | event: OuterError
 * </pre>
 *
 * <p>All channels of a lane are registered with one event loop, so a packet never changes threads
 * and nothing here is locked.
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

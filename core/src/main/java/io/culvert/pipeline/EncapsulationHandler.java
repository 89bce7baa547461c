package io.culvert.pipeline;

import io.culvert.packet.PacketBatch;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Inner to outer: takes the batches that a device read and writes them to the underlay. */
public final class EncapsulationHandler extends ChannelInboundHandlerAdapter {
    private final TunnelPort port;

    /**
     * @param port the tunnel that the device belongs to
     */
    public EncapsulationHandler(TunnelPort port) {
        this.port = port;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof PacketBatch batch) {
            port.transmit(batch);
        } else {
            context.fireChannelRead(message);
        }
    }
}

package io.culvert.channel;

import io.culvert.packet.PacketBatch;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Deque;

/** Takes batches and keeps them. */
final class Keeper extends ChannelInboundHandlerAdapter {
    private final Deque<PacketBatch> kept;

    Keeper(Deque<PacketBatch> kept) {
        this.kept = kept;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        kept.add((PacketBatch) message);
    }
}

package io.culvert.channel;

import io.culvert.packet.PacketBatch;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Writes what one channel reads to another, as the tunnel's handlers do. */
final class Forwarder extends ChannelInboundHandlerAdapter {
    private final Channel to;
    private final Books books;

    Forwarder(Channel to, Books books) {
        this.to = to;
        this.books = books;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        PacketBatch batch = (PacketBatch) message;
        batch.ledger(books);
        for (int slot = 0; slot < batch.size(); slot++) {
            batch.tunnel(slot, Fixture.TUNNEL);
        }
        to.write(message, to.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        to.flush();
        ctx.fireChannelReadComplete();
    }
}

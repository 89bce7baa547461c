package io.culvert.channel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Collection;

/** Writes down what the channel tells beside batches, which it passes on. */
final class Recorder extends ChannelInboundHandlerAdapter {
    private final Collection<Object> seen;

    Recorder(Collection<Object> seen) {
        this.seen = seen;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        seen.add("inactive");
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        seen.add(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        seen.add(cause);
    }
}

package io.culvert.channel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.Consumer;

/** Tells what went wrong in a device's pipeline; the device was deleted, most likely. */
final class DeviceFailure extends ChannelInboundHandlerAdapter {
    private final Consumer<Throwable> onFailure;

    /**
     * @param onFailure takes the cause, on the lane's thread
     */
    DeviceFailure(Consumer<Throwable> onFailure) {
        this.onFailure = onFailure;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        onFailure.accept(cause);
        context.close();
    }
}

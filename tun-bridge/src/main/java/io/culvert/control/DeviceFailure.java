package io.culvert.control;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.BiConsumer;

/** Tells what went wrong in a device's pipeline; the device was deleted, most likely. */
final class DeviceFailure extends ChannelInboundHandlerAdapter {
    private final String name;
    private final BiConsumer<String, Throwable> onFailure;

    /**
     * @param name the tunnel's name
     * @param onFailure takes it and the cause, on the lane's thread
     */
    DeviceFailure(String name, BiConsumer<String, Throwable> onFailure) {
        this.name = name;
        this.onFailure = onFailure;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        onFailure.accept(name, cause);
        context.close();
    }
}

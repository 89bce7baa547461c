package io.culvert.channel;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.util.ArrayDeque;

/**
 * What a pipeline's head calls: Netty's own transport, which is given every batch as an {@link
 * OutboundBatch}.
 *
 * <p>It cannot be done later, where channels usually convert messages: a channel that is closed
 * releases the message before it looks at it, and would lose the batch. Nor by a handler: a closed
 * channel's pipeline loses its handlers, and the channels of other devices may still write to it.
 */
final class BatchUnsafe implements Channel.Unsafe {
    private final FdChannel channel;
    private final Channel.Unsafe transport;
    private final ArrayDeque<OutboundBatch> spare = new ArrayDeque<>();

    BatchUnsafe(FdChannel channel, Channel.Unsafe transport) {
        this.channel = channel;
        this.transport = transport;
    }

    @Override
    public void write(Object message, ChannelPromise promise) {
        if (message instanceof PacketBatch batch) {
            // The pipeline's void promise would report each batch that a close found waiting as an
            // exception; the ledger already says what became of it.
            transport.write(take(batch), promise.isVoid() ? transport.voidPromise() : promise);
            return;
        }
        ReferenceCountUtil.release(message);
        promise.tryFailure(
                new UnsupportedOperationException(
                        "cannot write " + message.getClass().getName() + ": only a PacketBatch"));
    }

    private OutboundBatch take(PacketBatch batch) {
        OutboundBatch idle = spare.poll();
        return (idle == null ? new OutboundBatch(this) : idle).holding(batch);
    }

    void takeBack(OutboundBatch empty) {
        spare.push(empty);
    }

    void dropUnwritten(PacketBatch batch, int fromSlot) {
        DropReason reason = channel.unwrittenReason();
        for (int slot = fromSlot; slot < batch.size(); slot++) {
            if (batch.isLive(slot) && channel.isForUs(batch, slot)) {
                batch.drop(slot, reason);
            }
        }
    }

    // ---- everything else is the transport's

    @Override
    @SuppressWarnings("deprecation")
    public RecvByteBufAllocator.Handle recvBufAllocHandle() {
        return transport.recvBufAllocHandle();
    }

    @Override
    public SocketAddress localAddress() {
        return transport.localAddress();
    }

    @Override
    public SocketAddress remoteAddress() {
        return transport.remoteAddress();
    }

    @Override
    public void register(EventLoop eventLoop, ChannelPromise promise) {
        transport.register(eventLoop, promise);
    }

    @Override
    public void bind(SocketAddress localAddress, ChannelPromise promise) {
        transport.bind(localAddress, promise);
    }

    @Override
    public void connect(
            SocketAddress remoteAddress, SocketAddress localAddress, ChannelPromise promise) {
        transport.connect(remoteAddress, localAddress, promise);
    }

    @Override
    public void disconnect(ChannelPromise promise) {
        transport.disconnect(promise);
    }

    @Override
    public void close(ChannelPromise promise) {
        transport.close(promise);
    }

    @Override
    public void closeForcibly() {
        transport.closeForcibly();
    }

    @Override
    public void deregister(ChannelPromise promise) {
        transport.deregister(promise);
    }

    @Override
    public void beginRead() {
        transport.beginRead();
    }

    @Override
    public void flush() {
        transport.flush();
    }

    @Override
    public ChannelPromise voidPromise() {
        return transport.voidPromise();
    }

    @Override
    public ChannelOutboundBuffer outboundBuffer() {
        return transport.outboundBuffer();
    }
}

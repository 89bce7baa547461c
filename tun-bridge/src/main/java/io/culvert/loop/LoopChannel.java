package io.culvert.loop;

import io.culvert.packet.PacketBatch;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.function.Consumer;

/** A channel in memory, with a real pipeline: what is written to it goes to a consumer. */
final class LoopChannel extends EmbeddedChannel {
    private final Consumer<PacketBatch> written;

    LoopChannel(Consumer<PacketBatch> written) {
        this.written = written;
    }

    /** Has the pipeline read a batch, as a device or a socket would. */
    void read(PacketBatch batch) {
        pipeline().fireChannelRead(batch);
    }

    @Override
    protected void handleOutboundMessage(Object message) {
        written.accept((PacketBatch) message);
    }
}

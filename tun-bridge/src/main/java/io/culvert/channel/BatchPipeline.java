package io.culvert.channel;

import io.culvert.packet.PacketBatch;
import io.netty.channel.DefaultChannelPipeline;

/** A pipeline that gives back a batch that no handler took; Netty's knows its own messages only. */
final class BatchPipeline extends DefaultChannelPipeline {
    BatchPipeline(FdChannel channel) {
        super(channel);
    }

    @Override
    protected void onUnhandledInboundMessage(Object message) {
        if (message instanceof PacketBatch batch) {
            batch.release();
        } else {
            super.onUnhandledInboundMessage(message);
        }
    }
}

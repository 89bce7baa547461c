package io.culvert.pipeline;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.netty.channel.Channel;

/**
 * Hands batches to channels, which release them when they are written. Lane thread.
 *
 * <p>Netty would release a message for a closed channel only if it were of Netty's own kind, so
 * packets for a closed channel end here.
 */
final class BatchWriter {
    private BatchWriter() {}

    /** Gives the whole batch away; null for a channel that is not connected yet. */
    static void write(Channel channel, PacketBatch batch) {
        if (channel != null && channel.isActive()) {
            channel.writeAndFlush(batch, channel.voidPromise());
            return;
        }
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            if (batch.isLive(slot)) {
                batch.drop(slot, DropReason.SHUTDOWN);
            }
        }
        batch.release();
    }

    /** Gives one reference away, for the packets of one tunnel. */
    static void toDevice(TunnelPort port, PacketBatch batch) {
        Channel device = port.device();
        if (device != null && device.isActive()) {
            device.writeAndFlush(batch, device.voidPromise());
            return;
        }
        int index = port.endpoint().index();
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            if (batch.isLive(slot) && batch.tunnel(slot) == index) {
                batch.drop(slot, DropReason.DEVICE_GONE);
            }
        }
        batch.release();
    }
}

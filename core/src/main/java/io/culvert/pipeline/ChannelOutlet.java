package io.culvert.pipeline;

import io.culvert.packet.BatchLedger;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketBatch;
import io.culvert.tunnel.PacketOutlet;
import io.netty.channel.Channel;

/**
 * Collects packets that come into being beside a batch and writes them to a channel.
 *
 * <p>Holds a batch only while it has packets for it, so that idle tunnels keep none from the pool.
 * Confined to the lane's thread.
 */
final class ChannelOutlet implements PacketOutlet {
    private final BatchPool pool;
    private final BatchLedger ledger;
    private final int tunnelIndex;
    private Channel channel;
    private PacketBatch open;

    /**
     * @param tunnelIndex whose packets they are: a device writes no others
     */
    ChannelOutlet(BatchPool pool, BatchLedger ledger, int tunnelIndex) {
        this.pool = pool;
        this.ledger = ledger;
        this.tunnelIndex = tunnelIndex;
    }

    /** An outlet that is connected from the start. */
    ChannelOutlet(BatchPool pool, BatchLedger ledger, int tunnelIndex, Channel channel) {
        this(pool, ledger, tunnelIndex);
        this.channel = channel;
    }

    void channel(Channel target) {
        channel = target;
    }

    @Override
    public PacketBatch batchWithRoom() {
        if (open != null && open.isFull()) {
            flush();
        }
        if (open == null) {
            open = pool.acquire();
            if (open != null) {
                open.ledger(ledger);
            }
        }
        return open;
    }

    /** Writes what was collected. */
    void flush() {
        if (open == null) {
            return;
        }
        PacketBatch batch = open;
        open = null;
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            batch.tunnel(slot, tunnelIndex);
        }
        BatchWriter.write(channel, batch);
    }
}

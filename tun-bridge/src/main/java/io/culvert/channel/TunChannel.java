package io.culvert.channel;

import io.culvert.device.PacketDevice;
import io.culvert.packet.BatchPool;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import java.util.concurrent.Executor;

/**
 * A TUN device's queue as a channel: it reads inner packets that the host sends into the tunnel,
 * and delivers those written to it.
 *
 * <p>When the device is deleted, its exception is fired once through the pipeline and the channel
 * closes. A device that is down stays open, and reads again when it is set up.
 */
public final class TunChannel extends FdChannel {
    private final int tunnelIndex;
    private final Executor closer;

    /** A channel that closes its device itself, in some 20 ms. */
    public TunChannel(PacketDevice device, int tunnelIndex, BatchPool pool) {
        this(device, tunnelIndex, pool, Runnable::run);
    }

    /**
     * @param device the queue, which writes the packets of its tunnel and no others; the channel
     *     closes it
     * @param tunnelIndex index in its lane of the tunnel that the device belongs to
     * @param pool what to read into; who may share it, {@link FdChannel} says
     * @param closer runs what closes the device
     */
    TunChannel(PacketDevice device, int tunnelIndex, BatchPool pool, Executor closer) {
        super(device, pool);
        this.tunnelIndex = tunnelIndex;
        this.closer = closer;
    }

    @Override
    Executor closer() {
        return closer;
    }

    @Override
    DropReason unwrittenReason() {
        return DropReason.DEVICE_GONE;
    }

    @Override
    boolean isForUs(PacketBatch batch, int slot) {
        return batch.tunnel(slot) == tunnelIndex;
    }

    /** The kernel reports an error on a TUN descriptor when its device goes; reading tells more. */
    @Override
    boolean takeErrors() {
        return false;
    }
}

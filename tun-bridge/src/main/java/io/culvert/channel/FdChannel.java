package io.culvert.channel;

import io.culvert.device.PacketDevice;
import io.culvert.packet.BatchPool;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultChannelPipeline;
import io.netty.channel.epoll.EpollIoOps;
import java.util.concurrent.Executor;

/**
 * A {@link PacketDevice} as a Netty channel on epoll, whose messages are {@link PacketBatch}es.
 *
 * <p><b>Reading.</b> A readable device fills a batch from the pool, which is fired up the pipeline
 * and followed by {@code channelReadComplete}; the handlers own it and must release it or write it
 * to a channel. Without an idle batch the channel does not read until one comes back: what the
 * handlers cannot get rid of stays in the kernel's queue, which drops and counts.
 *
 * <p><b>Writing.</b> A written batch belongs to the channel, even if the channel is closed. At
 * flush its live packets go out; where the device is full, the channel waits until it can be
 * written again and goes on from that packet. Then the batch is released, which settles its ledger.
 * What a close finds waiting is dropped with {@link #unwrittenReason()} first.
 *
 * <p><b>Pools.</b> Channels whose packets go the same way may share a pool, on one lane; those of
 * the two directions should not: a wire that is blocked then stops the reading of the devices
 * behind it, never the reading of the wire. (It would not deadlock: the wire's blocked batches wait
 * for the kernel alone.) One batch is enough to make progress; each further one is what may wait
 * while the far side is blocked, so 2 to 8. Handlers that make packets take their batches from a
 * pool apart, or fragments would fail whenever the wire is blocked.
 *
 * <p>The lane's thread only, but for what Netty's {@code Channel} allows from anywhere. The channel
 * owns the device from construction on.
 */
public abstract class FdChannel extends EpollChannel {
    /** So that a flood on one device does not starve the lane's others. */
    private static final int MOST_BATCHES_PER_WAKE_UP = 4;

    private final PacketDevice device;
    private final BatchPool pool;
    private final ChannelConfig config = new AutoReadConfig(this);
    private final Runnable batchCameBack = this::batchCameBack;

    private boolean readWanted;
    private boolean awaitsBatch;
    private boolean awaitsDevice;

    FdChannel(PacketDevice device, BatchPool pool) {
        super(device.fd());
        this.device = device;
        this.pool = pool;
    }

    /** What became of packets that a close found unwritten. */
    abstract DropReason unwrittenReason();

    /** Whether the packet is for this device; a batch may hold packets for several. */
    abstract boolean isForUs(PacketBatch batch, int slot);

    /**
     * Takes errors that the kernel reports beside the packets; bounded, must not block.
     *
     * @return whether there was one
     */
    abstract boolean takeErrors();

    // ---- reading

    @Override
    protected final void doBeginRead() {
        readWanted = true;
        updateWatch();
    }

    /** Reads until the device is drained, but not for ever; true if there was a packet. */
    private boolean readBatches() {
        int batches = 0;
        boolean isDrained = false;
        while (batches < MOST_BATCHES_PER_WAKE_UP && !isDrained && readWanted && isOpen()) {
            PacketBatch batch = pool.acquire();
            if (batch == null) {
                awaitBatch();
                break;
            }
            if (!fills(batch)) {
                batch.release();
                break;
            }
            batches++;
            isDrained = !batch.isFull();
            readWanted = false;
            pipeline().fireChannelRead(batch);
            pipeline().fireChannelReadComplete();
        }
        return batches > 0;
    }

    private boolean fills(PacketBatch batch) {
        int packets;
        try {
            packets = device.readBatch(batch);
        } catch (RuntimeException e) {
            fail(e);
            return false;
        }
        batch.readNanos(System.nanoTime());
        return packets > 0;
    }

    private void awaitBatch() {
        if (!awaitsBatch) {
            awaitsBatch = true;
            pool.whenIdle(batchCameBack);
        }
    }

    /** Only lets epoll report again: reading here would run inside somebody else's write. */
    private void batchCameBack() {
        awaitsBatch = false;
        updateWatch();
    }

    /** Automatic reading was switched off; any thread. */
    void autoReadCleared() {
        if (!isRegistered()) {
            return;
        }
        if (eventLoop().inEventLoop()) {
            readWanted = false;
            updateWatch();
        } else {
            eventLoop().execute(this::clearAutoReadUnlessOnAgain);
        }
    }

    private void clearAutoReadUnlessOnAgain() {
        if (!config.isAutoRead()) {
            autoReadCleared();
        }
    }

    // ---- writing

    @Override
    protected final void doWrite(ChannelOutboundBuffer queue) {
        for (Object next = queue.current(); next != null; next = queue.current()) {
            // A cancelled write leaves an empty buffer in its place.
            if (next instanceof OutboundBatch outbound && !writes(outbound)) {
                break;
            }
            queue.remove();
        }
        updateWatch();
    }

    /** Writes on from where the device was full; false when it is full again, or gone. */
    private boolean writes(OutboundBatch outbound) {
        try {
            outbound.nextSlot(device.writeBatch(outbound.batch(), outbound.nextSlot()));
        } catch (RuntimeException e) {
            // Netty would only end the channel's output, and leave its input without a device.
            fail(e);
            return false;
        }
        awaitsDevice = !outbound.isWritten();
        return !awaitsDevice;
    }

    // ---- epoll

    @Override
    final void ready(EpollIoOps told) {
        boolean isFruitful = false;
        // Writing first: it is what brings back batches to read into.
        if (EpollWatch.isWritable(told) && awaitsDevice) {
            isFruitful = true;
            awaitsDevice = false;
            flushNow();
        }
        boolean isError = EpollWatch.isError(told);
        if (isError && isOpen()) {
            isFruitful |= takeErrors();
        }
        // An error may be one that only reading tells and takes away.
        if (isError || EpollWatch.isReadable(told)) {
            isFruitful |= readBatches();
        }
        if (isError) {
            watch().errorWasReported(isFruitful, eventLoop());
        }
        updateWatch();
    }

    @Override
    final boolean awaitsDevice() {
        return awaitsDevice;
    }

    private void updateWatch() {
        watch().want(readWanted && !awaitsBatch, awaitsDevice);
    }

    // ---- what the channel is made of

    @Override
    final void closeDevice() {
        closer().execute(device::close);
    }

    /** Who closes the device: the lane itself, where that does not take long. */
    Executor closer() {
        return Runnable::run;
    }

    @Override
    final Unsafe inFrontOf(Unsafe transport) {
        return new BatchUnsafe(this, transport);
    }

    @Override
    public final ChannelConfig config() {
        return config;
    }

    @Override
    protected final DefaultChannelPipeline newChannelPipeline() {
        return new BatchPipeline(this);
    }
}

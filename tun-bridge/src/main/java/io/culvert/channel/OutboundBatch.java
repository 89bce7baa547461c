package io.culvert.channel;

import io.culvert.packet.PacketBatch;
import io.netty.util.ReferenceCounted;

/**
 * A batch in a channel's outbound buffer, with how far it is written.
 *
 * <p>Netty releases what it takes out of the buffer, for whatever reason, if and only if it is
 * {@link ReferenceCounted}; {@code core}'s batch knows no Netty. So this is the one place where a
 * batch that was handed to a channel is given up, and what was not written by then is dropped.
 */
final class OutboundBatch implements ReferenceCounted {
    private final BatchUnsafe home;
    private PacketBatch batch;
    private int nextSlot;

    OutboundBatch(BatchUnsafe home) {
        this.home = home;
    }

    OutboundBatch holding(PacketBatch toWrite) {
        batch = toWrite;
        nextSlot = 0;
        return this;
    }

    PacketBatch batch() {
        return batch;
    }

    /** The first slot that is not written yet. */
    int nextSlot() {
        return nextSlot;
    }

    void nextSlot(int slot) {
        nextSlot = slot;
    }

    boolean isWritten() {
        return nextSlot >= batch.size();
    }

    @Override
    public int refCnt() {
        return batch == null ? 0 : 1;
    }

    @Override
    public boolean release() {
        PacketBatch done = batch;
        if (done == null) {
            throw new IllegalStateException("the batch was released before");
        }
        home.dropUnwritten(done, nextSlot);
        batch = null;
        home.takeBack(this);
        done.release();
        return true;
    }

    @Override
    public boolean release(int decrement) {
        if (decrement != 1) {
            throw new IllegalArgumentException("an outbound batch has one owner, its buffer");
        }
        return release();
    }

    @Override
    public ReferenceCounted retain() {
        throw new UnsupportedOperationException("an outbound batch has one owner, its buffer");
    }

    @Override
    public ReferenceCounted retain(int increment) {
        return retain();
    }

    @Override
    public ReferenceCounted touch() {
        return this;
    }

    @Override
    public ReferenceCounted touch(Object hint) {
        return this;
    }
}

package io.culvert.observe;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/*
 * One producer, the lane's thread, and one consumer: a bounded ring of records of equal stride [1].
 * Positions only grow; a record lies at (position & mask) * stride. Each side reads the other's
 * position only when its last copy of it leaves nothing to do, so that a full or an empty ring is
 * all that moves cache lines between two processors [2]. The producer publishes once per batch.
 *
 * [1] L. Lamport, Proving the Correctness of Multiprocess Programs, 1977.
 * [2] J. Giacomoni et al., FastForward for Efficient Pipeline Parallelism, 2008.
 */

/**
 * A bounded queue of {@link TraceRecord}s between a lane's thread and one reader.
 *
 * <p>Neither side ever waits for the other: what does not fit is not recorded. Nothing is allocated
 * after construction.
 */
final class TraceRing {
    private final ByteBuffer memory;
    private final int strideBytes;
    private final int mask;

    // the producer's
    private long claimed;
    private long consumedAsSeen;

    // the consumer's
    private long read;
    private long publishedAsSeen;

    private final AtomicLong published = new AtomicLong();
    private final AtomicLong consumed = new AtomicLong();

    /**
     * @param memory where records lie; as many as fit, rounded down to a power of two
     * @param strideBytes bytes of the largest record
     */
    TraceRing(ByteBuffer memory, int strideBytes) {
        int records = Integer.highestOneBit(memory.capacity() / strideBytes);
        if (records == 0) {
            throw new IllegalArgumentException(
                    memory.capacity() + " bytes have no room for a record of " + strideBytes);
        }
        this.memory = memory;
        this.strideBytes = strideBytes;
        this.mask = records - 1;
    }

    int capacity() {
        return mask + 1;
    }

    /**
     * Lays the writer over the next free record. Producer.
     *
     * @return false when the ring is full
     */
    boolean claim(TraceRecordWriter record) {
        if (claimed - consumedAsSeen > mask) {
            consumedAsSeen = consumed.getAcquire();
            if (claimed - consumedAsSeen > mask) {
                return false;
            }
        }
        record.wrap(memory, at(claimed++));
        return true;
    }

    /** Shows the consumer everything that was claimed. Producer. */
    void publish() {
        published.setRelease(claimed);
    }

    /**
     * Lays the view over the oldest record that is left, which stays until {@link #advance}.
     * Consumer.
     *
     * @return false when there is none
     */
    boolean peek(TraceRecord record) {
        if (read == publishedAsSeen) {
            publishedAsSeen = published.getAcquire();
            if (read == publishedAsSeen) {
                return false;
            }
        }
        record.wrap(memory, at(read));
        return true;
    }

    /** Gives the oldest record back. Consumer, after it was peeked at. */
    void advance() {
        consumed.setRelease(++read);
    }

    private int at(long position) {
        return ((int) position & mask) * strideBytes;
    }
}

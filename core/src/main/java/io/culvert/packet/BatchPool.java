package io.culvert.packet;

import java.util.ArrayDeque;

/**
 * A fixed number of batches for one lane.
 *
 * <p>Bounded on purpose: when the wire is slower than the device, batches run out, reading stops,
 * and the kernel's queue in front of us is where packets wait or are dropped and counted. Confined
 * to the lane's thread.
 */
public final class BatchPool {
    private final PacketBatch[] idle;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private int idleCount;

    /**
     * @param batches how many batches there are, 1 or more
     * @param slots packets per batch, 1 or more
     * @param slotBytes bytes a packet may have
     * @param memories knows the native address of the memory
     */
    public BatchPool(int batches, int slots, int slotBytes, PacketSlab.MemorySource memories) {
        if (batches < 1) {
            throw new IllegalArgumentException("a pool needs at least one batch");
        }
        idle = new PacketBatch[batches];
        for (int i = 0; i < batches; i++) {
            idle[i] = new PacketBatch(PacketSlab.allocate(slots, slotBytes, memories), this);
        }
        idleCount = batches;
    }

    /** An empty batch that the caller owns, or null when all are in use. */
    public PacketBatch acquire() {
        if (idleCount == 0) {
            return null;
        }
        PacketBatch batch = idle[--idleCount];
        idle[idleCount] = null;
        batch.reset();
        return batch;
    }

    /**
     * Runs the reader once, as soon as a batch is idle: at once, or inside the release of one.
     *
     * <p>It must not throw, and better not use the batch there and then, in the middle of whatever
     * its last owner does, but arrange to be called again. All who wait are run, and not one of
     * them is promised the batch: who finds none waits again.
     */
    public void whenIdle(Runnable reader) {
        if (idleCount > 0) {
            reader.run();
        } else {
            waiting.add(reader);
        }
    }

    /** Batches that nobody uses. */
    public int idleCount() {
        return idleCount;
    }

    void giveBack(PacketBatch batch) {
        idle[idleCount++] = batch;
        // Counted first: a reader that finds none waits again, and would be run for ever.
        for (int readers = waiting.size(); readers > 0; readers--) {
            waiting.poll().run();
        }
    }
}

package io.culvert.packet;

/**
 * A fixed number of batches for one lane.
 *
 * <p>Bounded on purpose: when the wire is slower than the device, batches run out, reading stops,
 * and the kernel's queue in front of us is where packets wait or are dropped and counted. Confined
 * to the lane's thread.
 */
public final class BatchPool {
    private final PacketBatch[] idle;
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

    /** Batches that nobody uses. */
    public int idleCount() {
        return idleCount;
    }

    void giveBack(PacketBatch batch) {
        idle[idleCount++] = batch;
    }
}

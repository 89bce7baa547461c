package io.culvert.device;

import io.culvert.packet.PacketBatch;

/**
 * An open file descriptor that packets are read from and written to in batches: a TUN queue, a raw
 * socket, or another underlay.
 *
 * <p>Non-blocking. Confined to its lane's thread. Nothing here allocates after construction.
 */
public interface PacketDevice extends AutoCloseable {
    /** The descriptor to wait on with epoll. */
    int fd();

    /**
     * Appends packets that wait to be read to the batch, until it is full, none waits, or those
     * read make as many on the wire as are good to handle at once.
     *
     * @return packets appended; 0 when none waits
     * @throws io.culvert.linux.LinuxException when the device is gone for good; passing errors are
     *     not thrown
     */
    int readBatch(PacketBatch batch);

    /**
     * Writes the live packets of the batch from a slot on. A packet that cannot be written is
     * dropped with its reason; only a full device stops early.
     *
     * @param fromSlot first slot to look at
     * @return {@code batch.size()} when done, else the slot to go on with when the descriptor can
     *     be written again
     */
    int writeBatch(PacketBatch batch, int fromSlot);

    /** Closes the descriptor; a second call does nothing. */
    @Override
    void close();
}

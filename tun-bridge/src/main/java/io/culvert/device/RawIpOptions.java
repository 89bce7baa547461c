package io.culvert.device;

/**
 * How a {@link RawIpSocket} is set up.
 *
 * @param receiveBufferBytes room for packets that wait to be read. The kernel counts its own
 *     overhead too: a small packet takes about 768 bytes of it
 * @param sendBufferBytes room for packets that wait to be sent
 * @param recordsLink whether each received packet's arrival interface is recorded in the batch
 * @param batchSlots the most slots of a batch that are read into; those behind stay empty
 */
public record RawIpOptions(
        int receiveBufferBytes, int sendBufferBytes, boolean recordsLink, int batchSlots) {

    /**
     * 16 MiB to receive, a burst of 20,000 small packets; 4 MiB to send; batches of 128 at most.
     */
    public static final RawIpOptions DEFAULTS = new RawIpOptions(16 << 20, 4 << 20, false, 128);

    private static final int MOST_MESSAGES = 1024; // linux/uio.h: UIO_MAXIOV

    /** Checks the ranges. */
    public RawIpOptions {
        if (receiveBufferBytes < 1 || sendBufferBytes < 1) {
            throw new IllegalArgumentException("a socket buffer needs at least one byte");
        }
        if (batchSlots < 1 || batchSlots > MOST_MESSAGES) {
            throw new IllegalArgumentException(
                    "a system call takes 1 to " + MOST_MESSAGES + " messages, not " + batchSlots);
        }
    }

    /** The same, recording the interface by which each packet arrived. */
    public RawIpOptions recordingLink() {
        return new RawIpOptions(receiveBufferBytes, sendBufferBytes, true, batchSlots);
    }
}

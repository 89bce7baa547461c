package io.culvert.device;

/**
 * How a {@link PacketSocket} is set up.
 *
 * @param ringBytes of the receive ring, a multiple of 65,536; the kernel allocates them at once
 * @param frameBytes of each of its frames, a multiple of 16 up to 65,536. A packet longer than that
 *     less {@link #FRAME_HEADER_BYTES} is received by a system call of its own
 * @param sendBufferBytes room for packets that wait to be sent
 * @param recordsLink whether each received packet's arrival interface is recorded in the batch
 */
public record RingOptions(int ringBytes, int frameBytes, int sendBufferBytes, boolean recordsLink) {
    /** What the kernel puts in front of each packet. */
    public static final int FRAME_HEADER_BYTES = 80;

    /** 8 MiB for 4,096 packets of up to 1,968 bytes; 4 MiB to send. */
    public static final RingOptions DEFAULTS = new RingOptions(8 << 20, 2048, 4 << 20, false);

    /** The same, recording the interface by which each packet arrived. */
    public RingOptions recordingLink() {
        return new RingOptions(ringBytes, frameBytes, sendBufferBytes, true);
    }
}

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

    /** Of Ethernet's jumbo frames, whose size no standard sets; few links have larger ones. */
    public static final int MOST_FRAMED_BYTES = 9_216;

    private static final int JUMBO_RING_BYTES = 16 << 20;
    private static final int CACHE_LINE_BYTES = 64;

    /**
     * Frames that hold the packets of these links, up to {@link #MOST_FRAMED_BYTES}: beyond 1,968
     * bytes, twice the memory for fewer of them, such as 1,792 of 9,000 bytes in 16 MiB.
     *
     * @param linkMtu the largest packet that one of the links hands over, in bytes
     */
    public static RingOptions forLinks(int linkMtu) {
        int packetBytes = Math.min(linkMtu, MOST_FRAMED_BYTES);
        if (packetBytes <= DEFAULTS.frameBytes - FRAME_HEADER_BYTES) {
            return DEFAULTS;
        }
        int lines = (FRAME_HEADER_BYTES + packetBytes + CACHE_LINE_BYTES - 1) / CACHE_LINE_BYTES;
        return new RingOptions(
                JUMBO_RING_BYTES, lines * CACHE_LINE_BYTES, DEFAULTS.sendBufferBytes, false);
    }

    /** The same, recording the interface by which each packet arrived. */
    public RingOptions recordingLink() {
        return new RingOptions(ringBytes, frameBytes, sendBufferBytes, true);
    }
}

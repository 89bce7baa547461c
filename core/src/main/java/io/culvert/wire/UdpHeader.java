package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * A UDP header (RFC 768), read and patched in place.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |          Source Port          |       Destination Port        |
 * +-------------------------------+-------------------------------+
 * |            Length             |           Checksum            |
 * +-------------------------------+-------------------------------+
 * </pre>
 *
 * Setters leave the checksum alone unless their name says otherwise.
 */
public final class UdpHeader {
    public static final int LENGTH = 8;

    /** In the checksum field: the sender made none (RFC 768), which IPv6 forbids. */
    public static final int NO_CHECKSUM = 0;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int DATAGRAM_LENGTH = 4;
    private static final int CHECKSUM = 6;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("RFC 768")
                    .number("source-port", 16)
                    .number("destination-port", 16)
                    .number("length", 16)
                    .bits("checksum", 16)
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public UdpHeader wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /**
     * Whether {@code limitBytes} bytes from here hold a whole datagram: 8 ≤ length ≤ {@code
     * limitBytes}. The checksum is {@link #hasValidChecksum}'s.
     */
    public boolean isValid(int limitBytes) {
        return limitBytes >= LENGTH && lengthBytes() >= LENGTH && lengthBytes() <= limitBytes;
    }

    public int sourcePort() {
        return memory.getShort(at + SOURCE_PORT) & 0xffff;
    }

    public int destinationPort() {
        return memory.getShort(at + DESTINATION_PORT) & 0xffff;
    }

    /** Both ports as one value: equal only where both are. */
    public int ports() {
        return memory.getInt(at + SOURCE_PORT);
    }

    /** Header and payload. */
    public int lengthBytes() {
        return memory.getShort(at + DATAGRAM_LENGTH) & 0xffff;
    }

    /** {@link #lengthBytes()} of a header elsewhere. */
    public static int lengthBytes(ByteBuffer memory, int at) {
        return memory.getShort(at + DATAGRAM_LENGTH) & 0xffff;
    }

    public int checksum() {
        return memory.getShort(at + CHECKSUM) & 0xffff;
    }

    /** Whether the sender made a checksum. */
    public boolean hasChecksum() {
        return checksum() != NO_CHECKSUM;
    }

    /** Where the payload starts in the memory. */
    public int payloadAt() {
        return at + LENGTH;
    }

    /**
     * Whether the checksum is right; only where {@link #hasChecksum()}.
     *
     * @param pseudoHeaderSum from the IP header, with {@link #lengthBytes()}
     */
    public boolean hasValidChecksum(int pseudoHeaderSum) {
        return InternetChecksum.sum(memory, at, lengthBytes(), pseudoHeaderSum) == 0xffff;
    }

    /** Whether the header that starts at {@code otherAt} has the same ports. */
    public boolean isLike(ByteBuffer otherMemory, int otherAt) {
        return ports() == otherMemory.getInt(otherAt + SOURCE_PORT);
    }

    public UdpHeader sourcePort(int sourcePort) {
        memory.putShort(at + SOURCE_PORT, (short) sourcePort);
        return this;
    }

    public UdpHeader destinationPort(int destinationPort) {
        memory.putShort(at + DESTINATION_PORT, (short) destinationPort);
        return this;
    }

    public UdpHeader lengthBytes(int lengthBytes) {
        memory.putShort(at + DATAGRAM_LENGTH, (short) lengthBytes);
        return this;
    }

    public UdpHeader checksum(int checksum) {
        memory.putShort(at + CHECKSUM, (short) checksum);
        return this;
    }

    /**
     * Computes the checksum anew over the header; one that comes out as 0 is sent as 0xffff (RFC
     * 768).
     *
     * @param pseudoHeaderAndPayloadSum the sum of all else, folded
     */
    public UdpHeader writeChecksum(int pseudoHeaderAndPayloadSum) {
        checksum(0);
        int sum = InternetChecksum.sum(memory, at, LENGTH, pseudoHeaderAndPayloadSum);
        int checksum = InternetChecksum.complement(sum);
        return checksum(checksum == NO_CHECKSUM ? 0xffff : checksum);
    }
}

package io.culvert.observe;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A packet in a capture file.
 *
 * @param interfaceId its place among the file's interfaces, 0 or more
 * @param epochNanos when it was seen, in nanoseconds since 1970-01-01T00:00Z
 * @param bytes what was kept of it, position to limit, from its link-layer header on
 * @param originalBytes how long it was
 * @param direction which way it went at the interface
 * @param comments what was said about it
 */
public record CapturedPacket(
        int interfaceId,
        long epochNanos,
        ByteBuffer bytes,
        int originalBytes,
        Direction direction,
        List<String> comments) {

    /** Which way a packet went at its interface; pcapng's {@code epb_flags}, bits 0 and 1. */
    public enum Direction {
        UNKNOWN,
        INBOUND,
        OUTBOUND
    }

    public CapturedPacket {
        if (interfaceId < 0) {
            throw new IllegalArgumentException("interface " + interfaceId + " is negative");
        }
        comments = List.copyOf(comments);
    }

    /** A whole packet of which nothing more is known. */
    public static CapturedPacket whole(int interfaceId, long epochNanos, ByteBuffer bytes) {
        return new CapturedPacket(
                interfaceId, epochNanos, bytes, bytes.remaining(), Direction.UNKNOWN, List.of());
    }

    /** The same with other comments. */
    public CapturedPacket withComments(List<String> others) {
        return new CapturedPacket(interfaceId, epochNanos, bytes, originalBytes, direction, others);
    }

    /** The same that went this way. */
    public CapturedPacket withDirection(Direction other) {
        return new CapturedPacket(interfaceId, epochNanos, bytes, originalBytes, other, comments);
    }

    /** The same at another interface. */
    public CapturedPacket onInterface(int otherId) {
        return new CapturedPacket(otherId, epochNanos, bytes, originalBytes, direction, comments);
    }

    /** How many bytes of it were kept. */
    public int capturedBytes() {
        return bytes.remaining();
    }
}

package io.culvert.device;

import io.culvert.tunnel.Ecn;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A packet of which some fragments are there (RFC 791 §3.2). */
final class UnfinishedPacket {
    /** Fragments begin and end at multiples of it, but for the packet's end. */
    private static final int UNIT_BYTES = 8;

    private static final int MOST_PAYLOAD_BYTES = 65_535 - Ipv4Header.MIN_LENGTH;
    private static final int PAYLOAD_AT = Ipv4Header.MAX_LENGTH;
    private static final int UNKNOWN = -1;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(PAYLOAD_AT + MOST_PAYLOAD_BYTES);
    private final long[] units = new long[(MOST_PAYLOAD_BYTES / UNIT_BYTES >>> 6) + 1];
    private final Ipv4Header whole = new Ipv4Header();
    private int source;
    private int destination;
    private int identification;
    private long firstSeenNanos;
    private boolean isIdle = true;
    private int unitsThere;
    private int headerBytes;
    private int payloadBytes;
    private int ecnsSeen;

    /** Whether it waits for nothing, and can be begun. */
    boolean isIdle() {
        return isIdle;
    }

    long firstSeenNanos() {
        return firstSeenNanos;
    }

    /** Whether the fragment belongs to it. */
    boolean isOf(Ipv4Header fragment) {
        return !isIdle
                && fragment.identification() == identification
                && fragment.source() == source
                && fragment.destination() == destination;
    }

    /** Begins the packet that the fragment is of, without it. */
    void begin(Ipv4Header fragment, long nowNanos) {
        source = fragment.source();
        destination = fragment.destination();
        identification = fragment.identification();
        firstSeenNanos = nowNanos;
        isIdle = false;
        Arrays.fill(units, 0);
        unitsThere = 0;
        headerBytes = UNKNOWN;
        payloadBytes = UNKNOWN;
        ecnsSeen = 0;
    }

    /** Gives it up. */
    void end() {
        isIdle = true;
    }

    /**
     * Copies a fragment's bytes into their place; none when they are all there already.
     *
     * @return false when it does not fit what is there: the packet is to be given up
     */
    boolean copyFragment(ByteBuffer from, Ipv4Header fragment) {
        int offset = fragment.fragmentOffsetBytes();
        int bytes = fragment.payloadLengthBytes();
        int end = offset + bytes;
        boolean isLast = !fragment.moreFragments();
        boolean isSensible =
                bytes > 0
                        && end <= MOST_PAYLOAD_BYTES
                        && (isLast || bytes % UNIT_BYTES == 0)
                        && (payloadBytes == UNKNOWN
                                || (isLast ? end == payloadBytes : end <= payloadBytes));
        if (!isSensible) {
            return false;
        }
        int firstUnit = offset / UNIT_BYTES;
        int endUnit = (end + UNIT_BYTES - 1) / UNIT_BYTES;
        int already = unitsThere(firstUnit, endUnit);
        if (already > 0) {
            // RFC 5722 for IPv6, and Linux for both: what overlaps is an attack, what is the same
            // was sent twice
            return already == endUnit - firstUnit;
        }
        memory.put(PAYLOAD_AT + offset, from, fragment.payloadAt(), bytes);
        for (int unit = firstUnit; unit < endUnit; unit++) {
            units[unit >>> 6] |= 1L << unit;
        }
        unitsThere += endUnit - firstUnit;
        ecnsSeen |= 1 << fragment.ecn();
        if (offset == 0) {
            headerBytes = fragment.headerLengthBytes();
            memory.put(
                    PAYLOAD_AT - headerBytes,
                    from,
                    fragment.payloadAt() - headerBytes,
                    headerBytes);
        }
        if (isLast) {
            payloadBytes = end;
        }
        return payloadBytes == UNKNOWN || unitsThere <= unitsOf(payloadBytes);
    }

    private int unitsThere(int firstUnit, int endUnit) {
        int there = 0;
        for (int unit = firstUnit; unit < endUnit; unit++) {
            there += (int) (units[unit >>> 6] >>> unit & 1);
        }
        return there;
    }

    private static int unitsOf(int bytes) {
        return (bytes + UNIT_BYTES - 1) / UNIT_BYTES;
    }

    boolean isComplete() {
        return payloadBytes != UNKNOWN && unitsThere == unitsOf(payloadBytes);
    }

    /**
     * Copies the complete packet, and ends it.
     *
     * @return its length in bytes; -1 when it may not be delivered
     */
    int copyWhole(ByteBuffer to, int at) {
        end();
        int totalBytes = headerBytes + payloadBytes;
        boolean isCongested = (ecnsSeen & 1 << Ecn.CE) != 0;
        // RFC 3168 §5.3: a sender that does not know of congestion marks would not hear of it
        if (totalBytes > 65_535 || isCongested && (ecnsSeen & 1 << Ecn.NOT_ECT) != 0) {
            return -1;
        }
        to.put(at, memory, PAYLOAD_AT - headerBytes, totalBytes);
        whole.wrap(to, at).totalLengthBytes(totalBytes).fragmentOffsetBytes(0).moreFragments(false);
        if (isCongested) {
            whole.ecn(Ecn.CE);
        }
        whole.writeHeaderChecksum();
        return totalBytes;
    }
}

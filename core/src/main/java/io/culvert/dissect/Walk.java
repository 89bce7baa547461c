package io.culvert.dissect;

import io.culvert.wire.InternetChecksum;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One packet being taken apart: what was read of it, and where the rest begins and ends. Positions
 * are indexes into the memory. Used once, by one thread.
 */
final class Walk {
    final ByteBuffer memory;
    final Map<Integer, UdpPayload> udpPorts;
    private final int start;
    private final int capturedEnd;
    private final List<Layer> layers = new ArrayList<>();

    /** Where the next layer begins. */
    int at;

    /** Where the enclosing layer's payload ends; may lie behind the end of the capture. */
    int end;

    /** What the enclosing IP header says of its payload, for checksums. */
    Enclosing ip = Enclosing.NOTHING;

    /** Whether the capture ends before it can be told what the payload from here on is. */
    boolean isPayloadUntold;

    private boolean isQuoted;

    /**
     * The IP header around a payload.
     *
     * @param version 4, 6, or 0 where there is none
     * @param addressSum of the pseudo header's addresses
     * @param isPseudoHeaderKnown false behind a routing header, where the destination is another
     * @param obstacle why no checksum over the payload can be checked; null when it can
     */
    record Enclosing(
            int version, int addressSum, boolean isPseudoHeaderKnown, ChecksumState obstacle) {
        static final Enclosing NOTHING = new Enclosing(0, 0, false, null);

        int pseudoHeaderSum(int protocol, int lengthBytes) {
            return InternetChecksum.fold((long) addressSum + protocol + lengthBytes);
        }

        Enclosing withObstacle(ChecksumState newObstacle) {
            return new Enclosing(version, addressSum, isPseudoHeaderKnown, newObstacle);
        }

        Enclosing withoutPseudoHeader() {
            return new Enclosing(version, addressSum, false, obstacle);
        }
    }

    Walk(
            ByteBuffer memory,
            int start,
            int capturedBytes,
            int wireBytes,
            Map<Integer, UdpPayload> udpPorts) {
        this.memory = memory;
        this.start = start;
        this.at = start;
        this.capturedEnd = start + capturedBytes;
        // a capture file may claim any length on the wire
        this.end = (int) Math.min((long) start + wireBytes, Integer.MAX_VALUE);
        this.udpPorts = udpPorts;
    }

    /** How many bytes can be read from here on. */
    int readable() {
        return Math.max(0, Math.min(end, capturedEnd) - at);
    }

    /** How many bytes there were on the wire from here on. */
    int remaining() {
        return Math.max(0, end - at);
    }

    /** Starts a layer where the walk stands. */
    OpenLayer open(Protocol protocol) {
        return new OpenLayer(this, protocol, at - start);
    }

    void add(Layer layer) {
        layers.add(layer);
    }

    /** The layer around what comes next; null at the start. */
    Layer last() {
        return layers.isEmpty() ? null : layers.get(layers.size() - 1);
    }

    int layers() {
        return layers.size();
    }

    List<Layer> all() {
        return layers;
    }

    /** Position of the first byte of the packet. */
    int start() {
        return start;
    }

    /** Whether what is read now is the quote of an ICMP error. */
    boolean isQuoted() {
        return isQuoted;
    }

    /** All that follows is a quoted packet, and may be cut short. */
    void beginQuote() {
        isQuoted = true;
        ip = Enclosing.NOTHING;
    }

    /**
     * What is known of a checksum over the bytes from here on.
     *
     * @param initialSum of a pseudo header; 0 without one
     */
    ChecksumState checksumOver(int lengthBytes, int initialSum) {
        if (ip.obstacle() != null) {
            return ip.obstacle();
        }
        if (lengthBytes > remaining()) {
            return ChecksumState.UNKNOWN;
        }
        if (lengthBytes > readable()) {
            return ChecksumState.NOT_CAPTURED;
        }
        int sum = InternetChecksum.sum(memory, at, lengthBytes, initialSum);
        return sum == 0xffff ? ChecksumState.GOOD : ChecksumState.BAD;
    }

    /** Why checksums inside of an IP packet cannot be checked; null when they can. */
    ChecksumState obstacle(boolean isWhole) {
        if (isWhole) {
            return null;
        }
        if (ip.obstacle() == ChecksumState.FRAGMENTED) {
            return ChecksumState.FRAGMENTED;
        }
        return isQuoted ? ChecksumState.NOT_CAPTURED : ChecksumState.UNKNOWN;
    }

    /** Of TCP and UDP, whose checksum a network card may have been left to complete. */
    ChecksumState transportChecksum(int protocol, int lengthBytes, int checksum) {
        if (ip.obstacle() == null && !ip.isPseudoHeaderKnown()) {
            return ChecksumState.UNKNOWN;
        }
        int pseudoHeaderSum = ip.pseudoHeaderSum(protocol, lengthBytes);
        ChecksumState state = checksumOver(lengthBytes, pseudoHeaderSum);
        boolean isUnproven = state == ChecksumState.BAD || state == ChecksumState.NOT_CAPTURED;
        return isUnproven && checksum == pseudoHeaderSum ? ChecksumState.LEFT_TO_HARDWARE : state;
    }

    /**
     * Narrows what is left to a payload of that length.
     *
     * @return whether there are so many bytes
     */
    boolean narrow(int lengthBytes) {
        boolean isThere = lengthBytes <= remaining();
        if (isThere) {
            end = at + lengthBytes;
        }
        return isThere;
    }

    /** What follows when nothing says what it is. */
    Protocol rest() {
        return remaining() == 0 ? null : Protocol.DATA;
    }
}

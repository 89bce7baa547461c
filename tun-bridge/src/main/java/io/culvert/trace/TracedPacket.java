package io.culvert.trace;

import io.culvert.control.TraceHeader;
import io.culvert.control.TraceHeader.Reason;
import io.culvert.observe.TraceRecord;
import io.culvert.observe.TraceRecord.Kind;
import io.culvert.tunnel.OuterError;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A packet, or an event, as its trace tells it.
 *
 * @param kind what it is
 * @param tunnel the tunnel's name; empty when it belongs to none
 * @param verdict how it ended
 * @param reason why it was dropped; null when it was not
 * @param epochNanos when it ended, in nanoseconds since 1970
 * @param heldNanos how long the tunnel had it; -1 when that is not known
 * @param lane the lane that carried it
 * @param number counts the packets that could have been traced in that lane
 * @param outer what was recorded of the outer side
 * @param inner what was recorded of the inner side, as it was sent or delivered
 * @param innerAt where the inner packet begins in the outer one; 0 without both sides
 * @param isJoined whether it was delivered as a part of a super-packet
 * @param isEcnChanged whether it was delivered with another ECN mark than it came with
 * @param superPacketBytes length of the super-packet that it was cut from; 0 for none
 * @param hostSegmentBytes when the host had joined it from several packets: payload bytes of each
 *     but the last; otherwise 0
 * @param error of a {@link Kind#OUTER_ERROR} what it says; null otherwise
 */
public record TracedPacket(
        Kind kind,
        String tunnel,
        Verdict verdict,
        Reason reason,
        long epochNanos,
        long heldNanos,
        int lane,
        long number,
        Side outer,
        Side inner,
        int innerAt,
        boolean isJoined,
        boolean isEcnChanged,
        int superPacketBytes,
        int hostSegmentBytes,
        OuterError error) {

    /** How a packet's way ended. */
    public enum Verdict {
        /** It left on the wire. */
        SENT,
        /** The device took it. */
        DELIVERED,
        /** Fragments went instead of it. */
        FRAGMENTED,
        /** It was a keepalive, and for the tunnel itself. */
        KEPT_ALIVE,
        DROPPED,
        /** It is no packet on its way, but what somebody said about one. */
        REPORTED
    }

    /**
     * One side of a packet.
     *
     * @param bytes what was recorded of it, not to be changed
     * @param lengthBytes how long it was
     */
    public record Side(byte[] bytes, int lengthBytes) {
        static final Side NONE = new Side(new byte[0], 0);

        public boolean isThere() {
            return lengthBytes > 0;
        }

        ByteBuffer buffer() {
            return ByteBuffer.wrap(bytes);
        }
    }

    /** Reads a record that {@linkplain TraceRecord#isValid is valid}. */
    static TracedPacket of(TraceRecord record, TraceHeader header) {
        int tunnel = record.tunnel();
        boolean isKnown = tunnel >= 0 && tunnel < header.tunnels().size();
        boolean isOuterError = record.kind() == Kind.OUTER_ERROR;
        return new TracedPacket(
                record.kind(),
                isKnown ? header.tunnels().get(tunnel) : "",
                verdict(record),
                reason(record, header),
                header.epochNanosAt(record.endNanos()),
                record.heldNanos(),
                record.lane(),
                record.number(),
                record.hasOuter() ? new Side(record.copyOuter(), record.outerBytes()) : Side.NONE,
                record.hasInner() ? new Side(record.copyInner(), record.innerBytes()) : Side.NONE,
                record.innerAt(),
                record.isJoined(),
                record.isEcnChanged(),
                record.superPacketBytes(),
                record.hostSegmentBytes(),
                isOuterError ? error(record) : null);
    }

    /** Names the packet in one trace: the same on its inner and its outer side. */
    public String identity() {
        return lane == 0 ? "#" + number : "#" + lane + "." + number;
    }

    /** Whether it went, or was to go, to the wire. */
    public boolean isOutbound() {
        return switch (kind) {
            case TRANSMITTED, FRAGMENT, KEEPALIVE -> true;
            case RECEIVED, ANSWER, OUTER_ERROR -> false;
        };
    }

    public boolean isDropped() {
        return verdict == Verdict.DROPPED;
    }

    /** The outermost side that there is. */
    public Side outermost() {
        return outer.isThere() ? outer : inner;
    }

    /** Why it was dropped. */
    public Optional<Reason> drop() {
        return Optional.ofNullable(reason);
    }

    private static Verdict verdict(TraceRecord record) {
        if (record.isDropped()) {
            return Verdict.DROPPED;
        }
        if (record.isReplaced()) {
            return record.kind() == Kind.RECEIVED ? Verdict.KEPT_ALIVE : Verdict.FRAGMENTED;
        }
        return switch (record.kind()) {
            case RECEIVED, ANSWER -> Verdict.DELIVERED;
            case TRANSMITTED, FRAGMENT, KEEPALIVE -> Verdict.SENT;
            case OUTER_ERROR -> Verdict.REPORTED;
        };
    }

    private static Reason reason(TraceRecord record, TraceHeader header) {
        int ordinal = record.dropReasonOrdinal();
        if (ordinal < 0) {
            return null;
        }
        return ordinal < header.reasons().size()
                ? header.reasons().get(ordinal)
                : new Reason("reason-" + ordinal, "a reason that the process did not name");
    }

    private static OuterError error(TraceRecord record) {
        ByteBuffer quoted = ByteBuffer.wrap(record.copyOuter());
        int errno = record.errno();
        int mtu = record.infoMtu();
        if (record.isLocalError()) {
            return OuterError.refusal(errno, mtu, quoted);
        }
        int type = record.icmpType();
        int code = record.icmpCode();
        InetAddress offender = record.offender();
        return offender instanceof Inet6Address
                ? OuterError.icmpv6(errno, type, code, mtu, offender, quoted)
                : OuterError.icmpv4(errno, type, code, mtu, offender, quoted);
    }
}

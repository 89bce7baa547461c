package io.culvert.observe;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;

/*
 * Layout, big-endian. The bytes are those of the outermost side there is; the inner side is the end
 * of them, from innerAt on: both sides for the price of one copy, and no pairing afterwards.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+---------------+-------------------------------+
 *   |     kind      |     flags     |        drop reason + 1        |   0
 *   +---------------+---------------+-------------------------------+
 *   |                         tunnel index                          |   4
 *   +---------------------------------------------------------------+
 *   |                        when it ended                          |   8  8 bytes
 *   +---------------------------------------------------------------+
 *   |                        when it was read                       |  16  8 bytes
 *   +---------------------------------------------------------------+
 *   |                  number in this lane, from 1                  |  24  8 bytes
 *   +---------------------------------------------------------------+
 *   |                         outer length                          |  32
 *   |                         inner length                          |  36
 *   |                        bytes recorded                         |  40
 *   +-------------------------------+-------------------------------+
 *   |           inner at            |  inner's first two, delivered |  44
 *   +-------------------------------+-------------------------------+
 *   |            super-packet's length, or the next hop's MTU       |  48
 *   |             interface index, or the error's sender            |  52
 *   +---------------+---------------+-------------------------------+
 *   |   ICMP type   |   ICMP code   |        system's error         |  56
 *   +---------------+---------------+-------------------------------+
 *   |                             lane                              |  60
 *   +---------------------------------------------------------------+
 *   |  bytes recorded ...                                           |  64
 */

/**
 * A view of what was recorded of one packet, or of one event: a header of {@value #HEADER_BYTES}
 * bytes, and the first bytes of the packet.
 *
 * <p>Times are {@link System#nanoTime()} of the process that carries the packet.
 */
public final class TraceRecord {
    /** What a record is about. */
    public enum Kind {
        /** A packet that came from the wire. */
        RECEIVED,
        /** A packet that came from the device. */
        TRANSMITTED,
        /** A fragment that went to the wire instead of a packet from the device. */
        FRAGMENT,
        /** A keepalive to the peer, or the answer to one of the peer's. */
        KEEPALIVE,
        /** An ICMP error that the tunnel wrote to the device about an inner packet. */
        ANSWER,
        /** An ICMP error, or the host's refusal, about an outer packet that was sent earlier. */
        OUTER_ERROR
    }

    public static final int HEADER_BYTES = 64;

    private static final int KIND = 0;
    private static final int FLAGS = 1;
    private static final int REASON = 2;
    private static final int TUNNEL = 4;
    private static final int END_NANOS = 8;
    private static final int READ_NANOS = 16;
    private static final int NUMBER = 24;
    private static final int OUTER_BYTES = 32;
    private static final int INNER_BYTES = 36;
    private static final int RECORDED_BYTES = 40;
    private static final int INNER_AT = 44;
    private static final int DELIVERED_WORD = 46;
    private static final int SUPER_BYTES = 48;
    private static final int LINK = 52;
    private static final int ICMP_TYPE = 56;
    private static final int ICMP_CODE = 57;
    private static final int ERRNO = 58;
    private static final int LANE = 60;

    private static final int HAS_OUTER = 1;
    private static final int HAS_INNER = 1 << 1;
    private static final int REPLACED = 1 << 2;
    private static final int JOINED = 1 << 3;
    private static final int ECN_CHANGED = 1 << 4;
    private static final int LOCAL = 1 << 5;
    private static final int ALL_FLAGS = (1 << 6) - 1;

    private static final Kind[] KINDS = Kind.values();

    private ByteBuffer memory;
    private int at;

    /** Lays the view over a record. */
    public TraceRecord wrap(ByteBuffer recordMemory, int recordAt) {
        memory = recordMemory;
        at = recordAt;
        return this;
    }

    /**
     * Whether the record is whole and consistent; after that no accessor throws.
     *
     * @param limitBytes bytes from the record's start on that may be read
     */
    public boolean isValid(int limitBytes) {
        if (limitBytes < HEADER_BYTES) {
            return false;
        }
        int recorded = memory.getInt(at + RECORDED_BYTES);
        int innerAt = memory.getShort(at + INNER_AT) & 0xffff;
        boolean isBoth = hasOuter() && hasInner();
        return (memory.get(at + KIND) & 0xff) < KINDS.length
                && (flags() & ~ALL_FLAGS) == 0
                && recorded >= 0
                && recorded <= limitBytes - HEADER_BYTES
                && outerBytes() >= 0
                && innerBytes() >= 0
                && recorded <= Math.max(outerBytes(), innerBytes())
                && (isBoth ? innerAt <= outerBytes() : innerAt == 0);
    }

    public Kind kind() {
        return KINDS[memory.get(at + KIND)];
    }

    /** Ordinal of the {@link DropReason} of the process that carries the packet; -1 for none. */
    public int dropReasonOrdinal() {
        return (memory.getShort(at + REASON) & 0xffff) - 1;
    }

    public boolean isDropped() {
        return dropReasonOrdinal() >= 0;
    }

    /** Index of the tunnel, {@link PacketBatch#NO_TUNNEL} when the packet belongs to none. */
    public int tunnel() {
        return memory.getInt(at + TUNNEL);
    }

    /** When the packet was sent, delivered or dropped. */
    public long endNanos() {
        return memory.getLong(at + END_NANOS);
    }

    /** How long the packet was in the process, in nanoseconds; -1 when that is not known. */
    public long heldNanos() {
        long readNanos = memory.getLong(at + READ_NANOS);
        return readNanos == 0 ? -1 : endNanos() - readNanos;
    }

    /** Counts the packets that a watcher could have seen in this lane, from 1 on. */
    public long number() {
        return memory.getLong(at + NUMBER);
    }

    /** The lane that carried the packet. */
    public int lane() {
        return memory.getInt(at + LANE);
    }

    /** Whether the packet had an outer header when it ended: else it is inner only. */
    public boolean hasOuter() {
        return (flags() & HAS_OUTER) != 0;
    }

    /** Whether it is known where the inner packet begins. */
    public boolean hasInner() {
        return (flags() & HAS_INNER) != 0;
    }

    /**
     * Whether {@link Kind#FRAGMENT fragments} went instead of the packet, or, of one that came,
     * whether it was a keepalive and ended in the tunnel.
     */
    public boolean isReplaced() {
        return (flags() & REPLACED) != 0;
    }

    /** Whether the packet was delivered as a part of a super-packet, in one write. */
    public boolean isJoined() {
        return (flags() & JOINED) != 0;
    }

    /** Whether the inner packet was delivered with another ECN mark than it came with. */
    public boolean isEcnChanged() {
        return (flags() & ECN_CHANGED) != 0;
    }

    /** The outer packet's length on the wire, in bytes. */
    public int outerBytes() {
        return memory.getInt(at + OUTER_BYTES);
    }

    /** The inner packet's length, in bytes. */
    public int innerBytes() {
        return memory.getInt(at + INNER_BYTES);
    }

    /** Bytes there are of the outermost side. */
    public int recordedBytes() {
        return memory.getInt(at + RECORDED_BYTES);
    }

    /** The record's own length, in bytes. */
    public int lengthBytes() {
        return HEADER_BYTES + recordedBytes();
    }

    /** Where the inner packet begins among the recorded bytes; it may lie behind their end. */
    public int innerAt() {
        return memory.getShort(at + INNER_AT) & 0xffff;
    }

    /** Length of the super-packet that this one was cut from, in bytes; 0 for none. */
    public int superPacketBytes() {
        return kind() == Kind.OUTER_ERROR ? 0 : memory.getInt(at + SUPER_BYTES);
    }

    /** Interface index on which the packet arrived; 0 when it was not recorded. */
    public int link() {
        return kind() == Kind.OUTER_ERROR ? 0 : memory.getInt(at + LINK);
    }

    /** Of an {@link Kind#OUTER_ERROR}: whether this host refused, without any ICMP. */
    public boolean isLocalError() {
        return (flags() & LOCAL) != 0;
    }

    /** Of an {@link Kind#OUTER_ERROR}: the ICMP type. */
    public int icmpType() {
        return memory.get(at + ICMP_TYPE) & 0xff;
    }

    /** Of an {@link Kind#OUTER_ERROR}: the ICMP code. */
    public int icmpCode() {
        return memory.get(at + ICMP_CODE) & 0xff;
    }

    /** Of an {@link Kind#OUTER_ERROR}: the system's error number. */
    public int errno() {
        return memory.getShort(at + ERRNO) & 0xffff;
    }

    /** Of an {@link Kind#OUTER_ERROR}: the MTU that the next hop allows; 0 when it tells none. */
    public int infoMtu() {
        return memory.getInt(at + SUPER_BYTES);
    }

    /** Of an {@link Kind#OUTER_ERROR}: the IPv4 address of who sent it; 0 when unknown. */
    public int offenderIpv4() {
        return memory.getInt(at + LINK);
    }

    /** A copy of what was recorded of the outer packet; empty when it has none. */
    public byte[] copyOuter() {
        return hasOuter() ? copy(0) : new byte[0];
    }

    /** A copy of what was recorded of the inner packet, as it was sent or delivered. */
    public byte[] copyInner() {
        if (!hasInner()) {
            return new byte[0];
        }
        byte[] inner = copy(Math.min(innerAt(), recordedBytes()));
        if (isEcnChanged() && inner.length >= Ipv4Header.MIN_LENGTH) {
            mark(ByteBuffer.wrap(inner));
        }
        return inner;
    }

    /** Copies the whole record to the target's position and moves that. */
    public void copyTo(ByteBuffer target) {
        int bytes = lengthBytes();
        target.put(target.position(), memory, at, bytes);
        target.position(target.position() + bytes);
    }

    void start(Kind kind, int tunnel, DropReason reason, long endNanos, long readNanos) {
        memory.put(at + KIND, (byte) kind.ordinal());
        memory.put(at + FLAGS, (byte) 0);
        memory.putShort(at + REASON, (short) (reason == null ? 0 : reason.ordinal() + 1));
        memory.putInt(at + TUNNEL, tunnel);
        memory.putLong(at + END_NANOS, endNanos);
        memory.putLong(at + READ_NANOS, readNanos);
        memory.putInt(at + OUTER_BYTES, 0);
        memory.putInt(at + INNER_BYTES, 0);
        memory.putInt(at + RECORDED_BYTES, 0);
        memory.putInt(at + INNER_AT, 0);
        memory.putInt(at + SUPER_BYTES, 0);
        memory.putInt(at + LINK, 0);
        memory.putInt(at + ICMP_TYPE, 0);
    }

    void identify(int lane, long number) {
        memory.putInt(at + LANE, lane);
        memory.putLong(at + NUMBER, number);
    }

    void outerOnly(int outerBytes) {
        flag(HAS_OUTER);
        memory.putInt(at + OUTER_BYTES, outerBytes);
    }

    void innerOnly(int innerBytes) {
        flag(HAS_INNER);
        memory.putInt(at + INNER_BYTES, innerBytes);
    }

    void bothSides(int outerBytes, int innerAt, int innerBytes) {
        flag(HAS_OUTER | HAS_INNER);
        memory.putInt(at + OUTER_BYTES, outerBytes);
        memory.putInt(at + INNER_BYTES, innerBytes);
        memory.putShort(at + INNER_AT, (short) innerAt);
    }

    void replaced() {
        flag(REPLACED);
    }

    void joined() {
        flag(JOINED);
    }

    void deliveredFirstWord(int word) {
        flag(ECN_CHANGED);
        memory.putShort(at + DELIVERED_WORD, (short) word);
    }

    void superPacketBytes(int bytes) {
        memory.putInt(at + SUPER_BYTES, bytes);
    }

    void link(int interfaceIndex) {
        memory.putInt(at + LINK, interfaceIndex);
    }

    void error(boolean isLocal, int errno, int type, int code) {
        if (isLocal) {
            flag(LOCAL);
        }
        memory.put(at + ICMP_TYPE, (byte) type);
        memory.put(at + ICMP_CODE, (byte) code);
        memory.putShort(at + ERRNO, (short) errno);
    }

    void errorFrom(int offenderIpv4, int infoMtu) {
        memory.putInt(at + LINK, offenderIpv4);
        memory.putInt(at + SUPER_BYTES, infoMtu);
    }

    /** Puts bytes behind those that are recorded already. */
    void append(ByteBuffer source, int sourceAt, int count) {
        int recorded = recordedBytes();
        memory.put(at + HEADER_BYTES + recorded, source, sourceAt, count);
        memory.putInt(at + RECORDED_BYTES, recorded + count);
    }

    private byte[] copy(int from) {
        byte[] bytes = new byte[recordedBytes() - from];
        memory.get(at + HEADER_BYTES + from, bytes);
        return bytes;
    }

    /** Does to the copy what decapsulation did to the packet. */
    private void mark(ByteBuffer inner) {
        int delivered = memory.getShort(at + DELIVERED_WORD);
        if (IpVersion.of(inner, 0) == IpVersion.IPV4) {
            new Ipv4Header().wrap(inner, 0).tosUpdatingChecksum(delivered & 0xff);
        } else {
            inner.putShort(0, (short) delivered);
        }
    }

    private int flags() {
        return memory.get(at + FLAGS) & 0xff;
    }

    private void flag(int flag) {
        memory.put(at + FLAGS, (byte) (flags() | flag));
    }
}

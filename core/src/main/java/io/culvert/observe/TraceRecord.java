package io.culvert.observe;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * A view of what was recorded of one packet, or of one event: a header of {@value #HEADER_BYTES}
 * bytes, and the first bytes of the packet. A {@link TraceRecordWriter} wrote it.
 *
 * <p>Times are {@link System#nanoTime()} of the process that carries the packet.
 */
public final class TraceRecord extends TraceRecordLayout {
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

    public static final int HEADER_BYTES = 80;

    private static final Kind[] KINDS = Kind.values();

    /** Lays the view over a record. */
    public TraceRecord wrap(ByteBuffer recordMemory, int recordAt) {
        lieAt(recordMemory, recordAt);
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
        return kind() == Kind.OUTER_ERROR || kind() == Kind.RECEIVED
                ? 0
                : memory.getInt(at + SUPER_BYTES);
    }

    /**
     * Of a {@link Kind#RECEIVED} packet that the host joined from several before it was read:
     * payload bytes of each but the last; 0 of all others.
     */
    public int hostSegmentBytes() {
        return kind() == Kind.RECEIVED ? memory.getInt(at + SUPER_BYTES) : 0;
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

    /** Of an {@link Kind#OUTER_ERROR}: the address of who sent it; null when unknown. */
    public InetAddress offender() {
        byte[] address = new byte[Ipv6Address.LENGTH];
        memory.get(at + OFFENDER, address);
        try {
            InetAddress offender = InetAddress.getByAddress(address); // IPv4 when it was mapped
            return offender.isAnyLocalAddress() ? null : offender;
        } catch (UnknownHostException e) {
            throw new AssertionError("addresses of 16 bytes are IPv6", e);
        }
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
}

package io.culvert.observe;

import io.culvert.observe.TraceRecord.Kind;
import io.culvert.packet.DropReason;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Writes what a {@link TraceRecord} reads: {@link #start}, then what there is to tell, in any order
 * but for the bytes. Checks nothing; the lane's thread.
 */
final class TraceRecordWriter extends TraceRecordLayout {
    /** Begins another record. */
    TraceRecordWriter wrap(ByteBuffer recordMemory, int recordAt) {
        lieAt(recordMemory, recordAt);
        return this;
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

    void hostSegmentBytes(int bytes) {
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

    /**
     * @param offender null when it is unknown
     */
    void errorFrom(InetAddress offender, int infoMtu) {
        memory.putInt(at + SUPER_BYTES, infoMtu);
        memory.putLong(at + OFFENDER, 0).putLong(at + OFFENDER + 8, 0);
        if (offender instanceof Inet4Address) {
            memory.putShort(at + OFFENDER + 10, (short) 0xffff)
                    .put(at + OFFENDER + 12, offender.getAddress());
        } else if (offender != null) {
            memory.put(at + OFFENDER, offender.getAddress());
        }
    }

    /** Puts bytes behind those that are recorded already. */
    void append(ByteBuffer source, int sourceAt, int count) {
        int recorded = memory.getInt(at + RECORDED_BYTES);
        memory.put(at + TraceRecord.HEADER_BYTES + recorded, source, sourceAt, count);
        memory.putInt(at + RECORDED_BYTES, recorded + count);
    }

    private void flag(int flag) {
        memory.put(at + FLAGS, (byte) (flags() | flag));
    }
}

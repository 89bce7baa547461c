package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * A TCP header (RFC 9293 §3.1), read and patched in place.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |          Source Port          |       Destination Port        |
 * +-------------------------------+-------------------------------+
 * |                        Sequence Number                        |
 * +---------------------------------------------------------------+
 * |                    Acknowledgment Number                      |
 * +-------+-----+-+-+-+-+-+-+-+-+-+-------------------------------+
 * | Data  |     |A|C|E|U|A|P|R|S|F|                               |
 * |Offset | Rsrv|E|W|C|R|C|S|S|Y|I|            Window             |
 * |       |     | |R|E|G|K|H|T|N|N|                               |
 * +-------+-----+-+-+-+-+-+-+-+-+-+-------------------------------+
 * |           Checksum            |         Urgent Pointer        |
 * +-------------------------------+-------------------------------+
 * |                    Options (0 to 40 bytes)                    |
 * </pre>
 *
 * Sequence and acknowledgment numbers are {@code int} bits. Setters leave the checksum alone unless
 * their name says otherwise.
 */
public final class TcpHeader {
    /** A header without options. */
    public static final int MIN_LENGTH = 20;

    /** A header with all the options that its data offset can announce. */
    public static final int MAX_LENGTH = 60;

    /** Control bits, as {@link #flags()} has them (RFC 9293 §3.1; CWR and ECE: RFC 3168 §6.1). */
    public static final int FIN = 0x01;

    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int URG = 0x20;
    public static final int ECE = 0x40;
    public static final int CWR = 0x80;

    /** As Linux has it, for those that keep the first one's checksum. */
    private static final int MOST_JOINED = 64;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int SEQUENCE_NUMBER = 4;
    private static final int ACKNOWLEDGMENT_NUMBER = 8;
    private static final int DATA_OFFSET = 12;
    private static final int FLAGS = 13;
    private static final int WINDOW = 14;
    private static final int CHECKSUM = 16;
    private static final int URGENT_POINTER = 18;
    private static final int FLAGS_SHIFT = 16;
    private static final long PORTS_IN_FIRST_8 = 0xffff_ffff_0000_0000L;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("RFC 9293 §3.1")
                    .number("source-port", 16)
                    .number("destination-port", 16)
                    .number("sequence-number", 32)
                    .number("acknowledgment-number", 32)
                    .number("data-offset", 4)
                    .reserved("reserved", 4)
                    .section("RFC 3168 §6.1")
                    .flag("cwr")
                    .flag("ece")
                    .section("RFC 9293 §3.1")
                    .flag("urg")
                    .flag("ack")
                    .flag("psh")
                    .flag("rst")
                    .flag("syn")
                    .flag("fin")
                    .number("window", 16)
                    .bits("checksum", 16)
                    .number("urgent-pointer", 16)
                    .build();

    /** Options (RFC 9293 §3.2, RFC 2018 §2 and §3, RFC 7323 §2.2 and §3.2). */
    public static final int MAXIMUM_SEGMENT_SIZE = 2;

    public static final int WINDOW_SCALE = 3;
    public static final int SACK_PERMITTED = 4;
    public static final int SACK = 5;
    public static final int TIMESTAMPS = 8;

    private static final HeaderLayout MSS_LAYOUT =
            HeaderLayout.of("RFC 9293 §3.7.1").number("mss", 16).build();
    private static final HeaderLayout WINDOW_SCALE_LAYOUT =
            HeaderLayout.of("RFC 7323 §2.2").number("window-scale", 8).build();
    private static final HeaderLayout TIMESTAMPS_LAYOUT =
            HeaderLayout.of("RFC 7323 §3.2")
                    .number("timestamp", 32)
                    .number("timestamp-echo", 32)
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public TcpHeader wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /**
     * Whether {@code limitBytes} bytes from here hold the header that its own data offset
     * announces, of at least 20 bytes. The checksum is {@link #hasValidChecksum}'s.
     */
    public boolean isValid(int limitBytes) {
        if (limitBytes < MIN_LENGTH) {
            return false;
        }
        int headerLengthBytes = headerLengthBytes();
        return headerLengthBytes >= MIN_LENGTH && headerLengthBytes <= limitBytes;
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

    public int sequenceNumber() {
        return memory.getInt(at + SEQUENCE_NUMBER);
    }

    public int acknowledgmentNumber() {
        return memory.getInt(at + ACKNOWLEDGMENT_NUMBER);
    }

    public int headerLengthBytes() {
        return (memory.get(at + DATA_OFFSET) & 0xf0) >>> 2;
    }

    /** The eight control bits from CWR to FIN. */
    public int flags() {
        return memory.get(at + FLAGS) & 0xff;
    }

    public int window() {
        return memory.getShort(at + WINDOW) & 0xffff;
    }

    public int checksum() {
        return memory.getShort(at + CHECKSUM) & 0xffff;
    }

    public int urgentPointer() {
        return memory.getShort(at + URGENT_POINTER) & 0xffff;
    }

    public boolean hasOptions() {
        return headerLengthBytes() > MIN_LENGTH;
    }

    /** Where the payload starts in the memory. */
    public int payloadAt() {
        return at + headerLengthBytes();
    }

    /**
     * Whether the checksum is right.
     *
     * @param segmentBytes header and payload
     * @param pseudoHeaderSum from the IP header, with that length
     */
    public boolean hasValidChecksum(int segmentBytes, int pseudoHeaderSum) {
        return InternetChecksum.sum(memory, at, segmentBytes, pseudoHeaderSum) == 0xffff;
    }

    /**
     * Of up to 64 segments that were joined behind the header of the first, whose checksum it still
     * has: how many payload bytes the first had.
     *
     * @param segmentBytes header and payload of all
     * @param pseudoHeaderSum of a segment of 0 bytes
     * @param mostBytes of payload that it may have had
     * @return the smallest number for which the checksum is right; 0 when there is none
     */
    public int firstPayloadBytes(int segmentBytes, int pseudoHeaderSum, int mostBytes) {
        int headerBytes = headerLengthBytes();
        long sum =
                (long) pseudoHeaderSum
                        + headerBytes
                        + InternetChecksum.sum(memory, at, headerBytes);
        int least = (segmentBytes - headerBytes) / MOST_JOINED;
        int most = Math.min(mostBytes, segmentBytes - headerBytes - 1);
        for (int bytes = 1; bytes <= most; bytes++) {
            int octet = memory.get(at + headerBytes + bytes - 1) & 0xff;
            sum += (bytes & 1) == 0 ? octet : octet << 8;
            if (bytes >= least && InternetChecksum.fold(sum + bytes) == 0xffff) {
                return bytes;
            }
        }
        return 0;
    }

    /**
     * Whether header length, reserved bits, window and, except those of {@code exceptFlags}, all
     * control bits are the other's.
     */
    public boolean hasSameFlagsAndWindow(TcpHeader other, int exceptFlags) {
        int difference =
                memory.getInt(at + DATA_OFFSET) ^ other.memory.getInt(other.at + DATA_OFFSET);
        return (difference & ~(exceptFlags << FLAGS_SHIFT)) == 0;
    }

    /** Whether the options are the other's, byte for byte; of headers of the same length. */
    public boolean hasSameOptions(TcpHeader other) {
        return hasSameOptions(other.memory, other.at, headerLengthBytes());
    }

    /**
     * Whether as many bytes at {@code otherAt} as this header has are its own, but for what is each
     * segment's own: sequence number, PSH, checksum and urgent pointer.
     *
     * @param headerLengthBytes this header's, which the caller knows
     */
    public boolean isLike(ByteBuffer otherMemory, int otherAt, int headerLengthBytes) {
        long first = memory.getLong(at) ^ otherMemory.getLong(otherAt);
        long second =
                memory.getLong(at + ACKNOWLEDGMENT_NUMBER)
                        ^ otherMemory.getLong(otherAt + ACKNOWLEDGMENT_NUMBER);
        return (first & PORTS_IN_FIRST_8 | second & ~((long) PSH << FLAGS_SHIFT)) == 0
                && hasSameOptions(otherMemory, otherAt, headerLengthBytes);
    }

    private boolean hasSameOptions(ByteBuffer otherMemory, int otherAt, int headerLengthBytes) {
        int i = MIN_LENGTH;
        for (; i <= headerLengthBytes - Long.BYTES; i += Long.BYTES) {
            if (memory.getLong(at + i) != otherMemory.getLong(otherAt + i)) {
                return false;
            }
        }
        return i == headerLengthBytes || memory.getInt(at + i) == otherMemory.getInt(otherAt + i);
    }

    /** What the value of an option of that type is; null when it is none of the fixed ones. */
    public static HeaderLayout optionLayout(int type) {
        return switch (type) {
            case MAXIMUM_SEGMENT_SIZE -> MSS_LAYOUT;
            case WINDOW_SCALE -> WINDOW_SCALE_LAYOUT;
            case TIMESTAMPS -> TIMESTAMPS_LAYOUT;
            default -> null;
        };
    }

    public TcpHeader sourcePort(int sourcePort) {
        memory.putShort(at + SOURCE_PORT, (short) sourcePort);
        return this;
    }

    public TcpHeader destinationPort(int destinationPort) {
        memory.putShort(at + DESTINATION_PORT, (short) destinationPort);
        return this;
    }

    public TcpHeader sequenceNumber(int sequenceNumber) {
        memory.putInt(at + SEQUENCE_NUMBER, sequenceNumber);
        return this;
    }

    public TcpHeader acknowledgmentNumber(int acknowledgmentNumber) {
        memory.putInt(at + ACKNOWLEDGMENT_NUMBER, acknowledgmentNumber);
        return this;
    }

    /** Writes the data offset, and the reserved bits and AE as 0; a multiple of 4, 20 to 60. */
    public TcpHeader headerLengthBytes(int headerLengthBytes) {
        memory.put(at + DATA_OFFSET, (byte) (headerLengthBytes << 2));
        return this;
    }

    public TcpHeader flags(int flags) {
        memory.put(at + FLAGS, (byte) flags);
        return this;
    }

    public TcpHeader window(int window) {
        memory.putShort(at + WINDOW, (short) window);
        return this;
    }

    public TcpHeader checksum(int checksum) {
        memory.putShort(at + CHECKSUM, (short) checksum);
        return this;
    }

    public TcpHeader urgentPointer(int urgentPointer) {
        memory.putShort(at + URGENT_POINTER, (short) urgentPointer);
        return this;
    }

    /**
     * Computes the checksum anew over the header.
     *
     * @param pseudoHeaderAndPayloadSum the sum of all else, folded
     */
    public TcpHeader writeChecksum(int pseudoHeaderAndPayloadSum) {
        checksum(0);
        int sum = InternetChecksum.sum(memory, at, headerLengthBytes(), pseudoHeaderAndPayloadSum);
        return checksum(InternetChecksum.complement(sum));
    }
}

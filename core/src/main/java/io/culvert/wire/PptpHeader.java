package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * The GRE header of version 1 that PPTP uses (RFC 2637 §4.1), read in place.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-----+-+-------+-----+-------------------------------+
 * |C|R|K|S|s|Recur|A| Flags | Ver |         Protocol Type         |
 * +-+-+-+-+-+-----+-+-------+-----+-------------------------------+
 * |        Payload Length         |            Call ID            |
 * +-------------------------------+-------------------------------+
 * |                  Sequence Number (if S)                       |
 * +---------------------------------------------------------------+
 * |              Acknowledgment Number (if A)                     |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class PptpHeader {
    public static final int MIN_LENGTH = 8;

    private static final int FLAGS = 0;
    private static final int PAYLOAD_LENGTH = 4;
    private static final int CALL_ID = 6;
    private static final int WORD = 4;
    private static final int SEQUENCE_PRESENT = 0x1000;
    private static final int ACKNOWLEDGMENT_PRESENT = 0x0080;

    /** The first eight bytes. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("RFC 2637 §4.1")
                    .flag("checksum-present")
                    .flag("routing-present")
                    .flag("key-present")
                    .flag("sequence-present")
                    .flag("strict-source-route")
                    .number("recursion-control", 3)
                    .flag("acknowledgment-present")
                    .reserved("reserved-flags", 4)
                    .number("version", 3)
                    .bits("protocol-type", 16)
                    .number("payload-length", 16)
                    .number("call-id", 16)
                    .build();

    /** The word that S brings. */
    public static final HeaderLayout SEQUENCE_LAYOUT =
            HeaderLayout.of("RFC 2637 §4.1").number("sequence-number", 32).build();

    /** The word that A brings. */
    public static final HeaderLayout ACKNOWLEDGMENT_LAYOUT =
            HeaderLayout.of("RFC 2637 §4.1").number("acknowledgment-number", 32).build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public PptpHeader wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold the header that its flags announce. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= MIN_LENGTH && lengthBytes() <= limitBytes;
    }

    public boolean hasSequence() {
        return (memory.getShort(at + FLAGS) & SEQUENCE_PRESENT) != 0;
    }

    public boolean hasAcknowledgment() {
        return (memory.getShort(at + FLAGS) & ACKNOWLEDGMENT_PRESENT) != 0;
    }

    public int payloadLengthBytes() {
        return memory.getShort(at + PAYLOAD_LENGTH) & 0xffff;
    }

    /** The receiver's identifier of the call. */
    public int callId() {
        return memory.getShort(at + CALL_ID) & 0xffff;
    }

    /** 8, 12 or 16. */
    public int lengthBytes() {
        return acknowledgmentAt() - at + (hasAcknowledgment() ? WORD : 0);
    }

    /** Where the sequence number stands in the memory; only where {@link #hasSequence()}. */
    public int sequenceAt() {
        return at + MIN_LENGTH;
    }

    /** Where the acknowledgment number stands; only where {@link #hasAcknowledgment()}. */
    public int acknowledgmentAt() {
        return at + MIN_LENGTH + (hasSequence() ? WORD : 0);
    }

    /** Where the PPP frame starts in the memory. */
    public int payloadAt() {
        return at + lengthBytes();
    }
}

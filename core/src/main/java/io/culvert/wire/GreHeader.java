package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * A GRE header (RFC 2784 §2, with the key and sequence number of RFC 2890 §2), read in place.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-----+---------+-----+-------------------------------+
 * |C|R|K|S|s|Recur|  Flags  | Ver |         Protocol Type         |
 * +-+-+-+-+-+-----+---------+-----+-------------------------------+
 * |    Checksum (if C or R)       |  Reserved1 / Offset (if C, R) |
 * +-------------------------------+-------------------------------+
 * |                           Key (if K)                          |
 * +---------------------------------------------------------------+
 * |                     Sequence Number (if S)                    |
 * +---------------------------------------------------------------+
 * </pre>
 *
 * R, s and Recur are RFC 1701's; RFC 2784 §2.3 asks a receiver to discard packets with R or s and
 * to ignore Recur and Flags. Linux 6.1 differs: it drops on R and on any of the second octet's low
 * seven bits ({@link #reservedFlags()} and the version), and ignores s, Recur and 0x0080.
 *
 * <p>A header to be sent is a {@link GreFields}. Key and sequence number are {@code int} bits.
 */
public final class GreHeader {
    /** A header without checksum, key and sequence number. */
    public static final int MIN_LENGTH = 4;

    /** The longest header that is ever sent: checksum, key and sequence number. */
    public static final int MAX_LENGTH = 16;

    /** What may stand between a header of type {@link EtherType#WCCP} and its IPv4 packet. */
    public static final int WCCP_REDIRECT_LENGTH = 4;

    static final int CHECKSUM_PRESENT = 0x8000;
    static final int ROUTING_PRESENT = 0x4000;
    static final int KEY_PRESENT = 0x2000;
    static final int SEQUENCE_PRESENT = 0x1000;
    private static final int STRICT_SOURCE_ROUTE = 0x0800;
    private static final int RESERVED_FLAGS = 0x0078;
    private static final int VERSION = 0x0007;

    private static final int FLAGS = 0;
    private static final int PROTOCOL_TYPE = 2;
    private static final int CHECKSUM = 4;
    private static final int RESERVED1 = 6;
    private static final int WORD = 4;

    /** The first four bytes. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("RFC 2784 §2.2")
                    .flag("checksum-present")
                    .section("RFC 1701")
                    .flag("routing-present")
                    .section("RFC 2890 §2.1")
                    .flag("key-present")
                    .section("RFC 2890 §2.2")
                    .flag("sequence-present")
                    .section("RFC 1701")
                    .flag("strict-source-route")
                    .number("recursion-control", 3)
                    .section("RFC 2784 §2.3")
                    .reserved("reserved-flags", 5)
                    .section("RFC 2784 §2.3.1")
                    .number("version", 3)
                    .section("RFC 2784 §2.4")
                    .bits("protocol-type", 16)
                    .build();

    /** The word that C brings. */
    public static final HeaderLayout CHECKSUM_LAYOUT =
            HeaderLayout.of("RFC 2784 §2.5")
                    .bits("checksum", 16)
                    .section("RFC 2784 §2.6")
                    .reserved("reserved1", 16)
                    .build();

    /** The same word where R is set too. */
    public static final HeaderLayout ROUTING_LAYOUT =
            HeaderLayout.of("RFC 1701").bits("checksum", 16).number("offset", 16).build();

    /** The word that K brings. */
    public static final HeaderLayout KEY_LAYOUT =
            HeaderLayout.of("RFC 2890 §2.1").number("key", 32).build();

    /** The word that S brings. */
    public static final HeaderLayout SEQUENCE_LAYOUT =
            HeaderLayout.of("RFC 2890 §2.2").number("sequence-number", 32).build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public GreHeader wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /**
     * Whether {@code limitBytes} bytes from here hold the header that its own flags announce.
     * Version, reserved bits and checksum are for the caller to judge, who has a reason for each.
     */
    public boolean isValid(int limitBytes) {
        return limitBytes >= MIN_LENGTH && lengthBytes() <= limitBytes;
    }

    /**
     * The first four bytes, to ask the static twins below: one read for all questions, where each
     * nanosecond counts.
     */
    public int firstWord() {
        return memory.getInt(at + FLAGS);
    }

    public boolean hasChecksum() {
        return (flags() & CHECKSUM_PRESENT) != 0;
    }

    /** RFC 1701's routing bit; everyone discards such packets now. */
    public boolean hasRouting() {
        return (flags() & ROUTING_PRESENT) != 0;
    }

    public boolean hasKey() {
        return (flags() & KEY_PRESENT) != 0;
    }

    public boolean hasSequence() {
        return (flags() & SEQUENCE_PRESENT) != 0;
    }

    /** RFC 1701's strict source route bit: RFC 2784 discards on it, Linux ignores it. */
    public boolean hasStrictSourceRoute() {
        return (flags() & STRICT_SOURCE_ROUTE) != 0;
    }

    /** 0 for GRE; 1 is PPTP's variant (RFC 2637), whose other fields differ from these. */
    public int version() {
        return flags() & VERSION;
    }

    /**
     * The bits 0x0078 in their place, 0 from a standard sender. RFC 2784 §2.3 says to ignore them;
     * Linux drops the packet, because it reads the octet's low seven bits as the version.
     */
    public int reservedFlags() {
        return flags() & RESERVED_FLAGS;
    }

    /** Whether checksum, routing, key and sequence number are all absent. */
    public boolean isPlain() {
        return (flags() & (CHECKSUM_PRESENT | ROUTING_PRESENT | KEY_PRESENT | SEQUENCE_PRESENT))
                == 0;
    }

    /** An {@link EtherType}. */
    public int protocolType() {
        return memory.getShort(at + PROTOCOL_TYPE) & 0xffff;
    }

    /** Only where {@link #hasChecksum()}. */
    public int checksum() {
        return memory.getShort(at + CHECKSUM) & 0xffff;
    }

    /** Only where {@link #hasChecksum()}; sent as 0 and not looked at on receipt. */
    public int reserved1() {
        return memory.getShort(at + RESERVED1) & 0xffff;
    }

    /** Only where {@link #hasKey()}. */
    public int key() {
        return memory.getInt(keyAt());
    }

    /** Only where {@link #hasSequence()}. */
    public int sequenceNumber() {
        return memory.getInt(sequenceNumberAt());
    }

    /**
     * The length that the flags announce, 4 to 16. Where {@link #hasRouting()}, the routing entries
     * (RFC 1701) that follow are not part of it.
     */
    public int lengthBytes() {
        int flags = flags();
        return MIN_LENGTH
                + ((flags & (CHECKSUM_PRESENT | ROUTING_PRESENT)) != 0 ? WORD : 0)
                + ((flags & KEY_PRESENT) != 0 ? WORD : 0)
                + ((flags & SEQUENCE_PRESENT) != 0 ? WORD : 0);
    }

    /** Where the payload starts in the memory. */
    public int payloadAt() {
        return at + lengthBytes();
    }

    /**
     * Whether the checksum is right; only where {@link #hasChecksum()}.
     *
     * @param greAndPayloadBytes from this header's first byte to the packet's last (RFC 2784 §2.5)
     */
    public boolean hasValidChecksum(int greAndPayloadBytes) {
        return InternetChecksum.sum(memory, at, greAndPayloadBytes) == 0xffff;
    }

    /** Only where {@link #hasChecksum()}. */
    public GreHeader checksum(int checksum) {
        memory.putShort(at + CHECKSUM, (short) checksum);
        return this;
    }

    /** Computes the checksum anew; only where {@link #hasChecksum()}. */
    public GreHeader writeChecksum(int greAndPayloadBytes) {
        checksum(0);
        return checksum(InternetChecksum.checksum(memory, at, greAndPayloadBytes));
    }

    /** Only where {@link #hasKey()}. */
    public GreHeader key(int key) {
        memory.putInt(keyAt(), key);
        return this;
    }

    /** Only where {@link #hasSequence()}. */
    public GreHeader sequenceNumber(int sequenceNumber) {
        memory.putInt(sequenceNumberAt(), sequenceNumber);
        return this;
    }

    public GreHeader protocolType(int protocolType) {
        memory.putShort(at + PROTOCOL_TYPE, (short) protocolType);
        return this;
    }

    /** The length of a header with these fields. */
    public static int lengthBytes(boolean hasChecksum, boolean hasKey, boolean hasSequence) {
        return MIN_LENGTH
                + (hasChecksum ? WORD : 0)
                + (hasKey ? WORD : 0)
                + (hasSequence ? WORD : 0);
    }

    /** Whether version, routing and {@link #reservedFlags()} are all 0. */
    public static boolean isStandard(int firstWord) {
        return (firstWord >>> 16 & (VERSION | ROUTING_PRESENT | RESERVED_FLAGS)) == 0;
    }

    public static boolean hasChecksum(int firstWord) {
        return (firstWord >>> 16 & CHECKSUM_PRESENT) != 0;
    }

    public static boolean hasKey(int firstWord) {
        return (firstWord >>> 16 & KEY_PRESENT) != 0;
    }

    public static boolean hasSequence(int firstWord) {
        return (firstWord >>> 16 & SEQUENCE_PRESENT) != 0;
    }

    /** An {@link EtherType}. */
    public static int protocolTypeOf(int firstWord) {
        return firstWord & 0xffff;
    }

    /** The length of a header without routing. */
    public static int lengthBytes(int firstWord) {
        return lengthBytes(hasChecksum(firstWord), hasKey(firstWord), hasSequence(firstWord));
    }

    private int flags() {
        return memory.getShort(at + FLAGS);
    }

    private int keyAt() {
        return at + MIN_LENGTH + ((flags() & (CHECKSUM_PRESENT | ROUTING_PRESENT)) != 0 ? WORD : 0);
    }

    private int sequenceNumberAt() {
        return keyAt() + (hasKey() ? WORD : 0);
    }
}

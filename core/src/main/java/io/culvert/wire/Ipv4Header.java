package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * An IPv4 header (RFC 791 §3.1), read and patched in place.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------+-------+-----------+---+-------------------------------+
 * |Version|  IHL  |   DSCP    |ECN|         Total Length          |
 * +-------+-------+-----------+---+-----+-------------------------+
 * |        Identification         |0|D|M|     Fragment Offset     |
 * +---------------+---------------+-----+-------------------------+
 * | Time to Live  |   Protocol    |        Header Checksum        |
 * +---------------+---------------+-------------------------------+
 * |                        Source Address                         |
 * +---------------------------------------------------------------+
 * |                      Destination Address                      |
 * +---------------------------------------------------------------+
 * |                    Options (0 to 40 bytes)                    |
 * </pre>
 *
 * Addresses are {@code int} bits. Setters leave the checksum alone unless their name says
 * otherwise.
 */
public final class Ipv4Header {
    /** A header without options. */
    public static final int MIN_LENGTH = 20;

    /** A header with all the options that its length field can announce. */
    public static final int MAX_LENGTH = 60;

    private static final int VERSION_AND_LENGTH = 0;
    private static final int TOS = 1;
    private static final int TOTAL_LENGTH = 2;
    private static final int IDENTIFICATION = 4;
    private static final int FLAGS_AND_OFFSET = 6;
    private static final int TTL = 8;
    private static final int PROTOCOL = 9;
    private static final int CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;

    private static final int DONT_FRAGMENT = 0x4000;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int OFFSET_MASK = 0x1fff;
    private static final int ECN_MASK = 0x03;

    /** Version, header length and TOS; flags and offset. */
    private static final long ALIKE_IN_FIRST_8 = 0xffff_0000_0000_ffffL;

    /** TTL and protocol; source. */
    private static final long ALIKE_IN_SECOND_8 = 0xffff_0000_ffff_ffffL;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("RFC 791 §3.1")
                    .number("version", 4)
                    .number("header-length", 4)
                    .section("RFC 2474 §3")
                    .number("dscp", 6)
                    .section("RFC 3168 §5")
                    .number("ecn", 2)
                    .section("RFC 791 §3.1")
                    .number("total-length", 16)
                    .section("RFC 6864 §4")
                    .bits("identification", 16)
                    .section("RFC 791 §3.1")
                    .reserved("reserved-flag", 1)
                    .flag("dont-fragment")
                    .flag("more-fragments")
                    .number("fragment-offset", 13)
                    .number("ttl", 8)
                    .number("protocol", 8)
                    .bits("header-checksum", 16)
                    .ipv4Address("source")
                    .ipv4Address("destination")
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public Ipv4Header wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /**
     * Whether {@code limitBytes} bytes from here hold a whole IPv4 packet: version 4, a header
     * length of at least 20, and header length ≤ total length ≤ {@code limitBytes}. The checksum is
     * {@link #hasValidHeaderChecksum()}'s.
     */
    public boolean isValid(int limitBytes) {
        if (limitBytes < MIN_LENGTH) {
            return false;
        }
        int word = firstWord();
        int headerLengthBytes = headerLengthBytesOf(word);
        int totalLengthBytes = totalLengthBytesOf(word);
        return word >>> 28 == IpVersion.IPV4
                && headerLengthBytes >= MIN_LENGTH
                && headerLengthBytes <= totalLengthBytes
                && totalLengthBytes <= limitBytes;
    }

    /**
     * The first four bytes, to ask the static twins below: one read for all questions, where each
     * nanosecond counts.
     */
    public int firstWord() {
        return memory.getInt(at + VERSION_AND_LENGTH);
    }

    public int headerLengthBytes() {
        return (memory.get(at + VERSION_AND_LENGTH) & 0x0f) << 2;
    }

    /** The whole octet: DSCP and ECN (RFC 2474 §3, RFC 3168 §5). */
    public int tos() {
        return tos(memory, at);
    }

    public int dscp() {
        return tos() >>> 2;
    }

    public int ecn() {
        return tos() & ECN_MASK;
    }

    public int totalLengthBytes() {
        return totalLengthBytes(memory, at);
    }

    public int identification() {
        return memory.getShort(at + IDENTIFICATION) & 0xffff;
    }

    public boolean dontFragment() {
        return dontFragment(memory, at);
    }

    public boolean moreFragments() {
        return (flagsAndOffset() & MORE_FRAGMENTS) != 0;
    }

    public int fragmentOffsetBytes() {
        return (flagsAndOffset() & OFFSET_MASK) << 3;
    }

    /** Whether this is a piece of a datagram: first, middle or last. */
    public boolean isFragment() {
        return (flagsAndOffset() & (MORE_FRAGMENTS | OFFSET_MASK)) != 0;
    }

    public int ttl() {
        return ttl(memory, at);
    }

    public int protocol() {
        return protocol(memory, at);
    }

    public int headerChecksum() {
        return memory.getShort(at + CHECKSUM) & 0xffff;
    }

    public int source() {
        return source(memory, at);
    }

    public int destination() {
        return destination(memory, at);
    }

    public boolean hasOptions() {
        return headerLengthBytes() > MIN_LENGTH;
    }

    public boolean hasValidHeaderChecksum() {
        return InternetChecksum.sum(memory, at, headerLengthBytes()) == 0xffff;
    }

    /**
     * Whether the 20 bytes at {@code otherAt} are those of this header but for what is each
     * packet's own: total length, identification and checksum.
     */
    public boolean isLike(ByteBuffer otherMemory, int otherAt) {
        long first = memory.getLong(at) ^ otherMemory.getLong(otherAt);
        long second = memory.getLong(at + TTL) ^ otherMemory.getLong(otherAt + TTL);
        int third = memory.getInt(at + DESTINATION) ^ otherMemory.getInt(otherAt + DESTINATION);
        return (first & ALIKE_IN_FIRST_8 | second & ALIKE_IN_SECOND_8 | third) == 0;
    }

    /** Where the payload starts in the memory. */
    public int payloadAt() {
        return at + headerLengthBytes();
    }

    public int payloadLengthBytes() {
        return totalLengthBytes() - headerLengthBytes();
    }

    /** Writes version 4 and the header length, a multiple of 4 from 20 to 60. */
    public Ipv4Header versionAndHeaderLength(int headerLengthBytes) {
        memory.put(at + VERSION_AND_LENGTH, (byte) (IpVersion.IPV4 << 4 | headerLengthBytes >>> 2));
        return this;
    }

    public Ipv4Header tos(int tos) {
        memory.put(at + TOS, (byte) tos);
        return this;
    }

    public Ipv4Header dscp(int dscp) {
        return tos(dscp << 2 | ecn());
    }

    public Ipv4Header ecn(int ecn) {
        return tos(tos() & ~ECN_MASK | ecn);
    }

    public Ipv4Header totalLengthBytes(int totalLengthBytes) {
        memory.putShort(at + TOTAL_LENGTH, (short) totalLengthBytes);
        return this;
    }

    public Ipv4Header identification(int identification) {
        memory.putShort(at + IDENTIFICATION, (short) identification);
        return this;
    }

    /** Writes all 16 bits: both flags, the offset (a multiple of 8), and the reserved bit as 0. */
    public Ipv4Header fragmentation(
            boolean dontFragment, boolean moreFragments, int fragmentOffsetBytes) {
        return flagsAndOffset(
                (dontFragment ? DONT_FRAGMENT : 0)
                        | (moreFragments ? MORE_FRAGMENTS : 0)
                        | fragmentOffsetBytes >>> 3);
    }

    public Ipv4Header dontFragment(boolean dontFragment) {
        int others = flagsAndOffset() & ~DONT_FRAGMENT;
        return flagsAndOffset(dontFragment ? others | DONT_FRAGMENT : others);
    }

    public Ipv4Header moreFragments(boolean moreFragments) {
        int others = flagsAndOffset() & ~MORE_FRAGMENTS;
        return flagsAndOffset(moreFragments ? others | MORE_FRAGMENTS : others);
    }

    /** Writes the offset, a multiple of 8, and keeps the flags. */
    public Ipv4Header fragmentOffsetBytes(int fragmentOffsetBytes) {
        return flagsAndOffset(flagsAndOffset() & ~OFFSET_MASK | fragmentOffsetBytes >>> 3);
    }

    public Ipv4Header ttl(int ttl) {
        memory.put(at + TTL, (byte) ttl);
        return this;
    }

    public Ipv4Header protocol(int protocol) {
        memory.put(at + PROTOCOL, (byte) protocol);
        return this;
    }

    public Ipv4Header headerChecksum(int headerChecksum) {
        memory.putShort(at + CHECKSUM, (short) headerChecksum);
        return this;
    }

    public Ipv4Header source(int source) {
        memory.putInt(at + SOURCE, source);
        return this;
    }

    public Ipv4Header destination(int destination) {
        memory.putInt(at + DESTINATION, destination);
        return this;
    }

    /** Writes the TOS octet and corrects the checksum by the difference (RFC 1624). */
    public Ipv4Header tosUpdatingChecksum(int tos) {
        int before = memory.getShort(at + VERSION_AND_LENGTH);
        tos(tos);
        return correctChecksum(before, memory.getShort(at + VERSION_AND_LENGTH));
    }

    /** Writes the two ECN bits and corrects the checksum by the difference (RFC 1624). */
    public Ipv4Header ecnUpdatingChecksum(int ecn) {
        return tosUpdatingChecksum(tos() & ~ECN_MASK | ecn);
    }

    /** Writes the TTL and corrects the checksum by the difference (RFC 1624). */
    public Ipv4Header ttlUpdatingChecksum(int ttl) {
        int before = memory.getShort(at + TTL);
        ttl(ttl);
        return correctChecksum(before, memory.getShort(at + TTL));
    }

    /** Computes the checksum anew over the whole header, options included. */
    public Ipv4Header writeHeaderChecksum() {
        headerChecksum(0);
        return headerChecksum(InternetChecksum.checksum(memory, at, headerLengthBytes()));
    }

    /** The header length that stands in a {@link #firstWord()}. */
    public static int headerLengthBytesOf(int firstWord) {
        return (firstWord >>> 24 & 0x0f) << 2;
    }

    /** The TOS octet that stands in a {@link #firstWord()}. */
    public static int tosOf(int firstWord) {
        return firstWord >>> 16 & 0xff;
    }

    /** The total length that stands in a {@link #firstWord()}. */
    public static int totalLengthBytesOf(int firstWord) {
        return firstWord & 0xffff;
    }

    public static int tos(ByteBuffer memory, int at) {
        return memory.get(at + TOS) & 0xff;
    }

    public static int totalLengthBytes(ByteBuffer memory, int at) {
        return memory.getShort(at + TOTAL_LENGTH) & 0xffff;
    }

    public static boolean dontFragment(ByteBuffer memory, int at) {
        return (memory.getShort(at + FLAGS_AND_OFFSET) & DONT_FRAGMENT) != 0;
    }

    public static int ttl(ByteBuffer memory, int at) {
        return memory.get(at + TTL) & 0xff;
    }

    public static int protocol(ByteBuffer memory, int at) {
        return memory.get(at + PROTOCOL) & 0xff;
    }

    public static int source(ByteBuffer memory, int at) {
        return memory.getInt(at + SOURCE);
    }

    public static int destination(ByteBuffer memory, int at) {
        return memory.getInt(at + DESTINATION);
    }

    private int flagsAndOffset() {
        return memory.getShort(at + FLAGS_AND_OFFSET) & 0xffff;
    }

    private Ipv4Header flagsAndOffset(int flagsAndOffset) {
        memory.putShort(at + FLAGS_AND_OFFSET, (short) flagsAndOffset);
        return this;
    }

    private Ipv4Header correctChecksum(int oldWord, int newWord) {
        return headerChecksum(InternetChecksum.update(headerChecksum(), oldWord, newWord));
    }
}

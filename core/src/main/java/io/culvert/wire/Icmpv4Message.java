package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * An ICMP message (RFC 792), as far as tunnels speak it: echo to look at, errors to read and send.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |     Type      |     Code      |           Checksum            |
 * +---------------+---------------+-------------------------------+
 * |    Unused     |    Length     |         Next-Hop MTU          |  destination unreachable
 * +---------------+---------------+-------------------------------+
 * |  the packet that the error is about: its header and more ...  |
 * </pre>
 *
 * Next-Hop MTU is RFC 1191's and means something only with code 4; Length is RFC 4884's.
 */
public final class Icmpv4Message {
    /** The part before an error's quoted packet. */
    public static final int HEADER_LENGTH = 8;

    public static final int ECHO_REPLY = 0;
    public static final int DESTINATION_UNREACHABLE = 3;
    public static final int SOURCE_QUENCH = 4;
    public static final int REDIRECT = 5;
    public static final int ECHO_REQUEST = 8;
    public static final int TIME_EXCEEDED = 11;
    public static final int PARAMETER_PROBLEM = 12;

    /**
     * Codes of {@link #DESTINATION_UNREACHABLE} (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1).
     */
    public static final int NET_UNREACHABLE = 0;

    public static final int HOST_UNREACHABLE = 1;
    public static final int PROTOCOL_UNREACHABLE = 2;
    public static final int PORT_UNREACHABLE = 3;
    public static final int FRAGMENTATION_NEEDED = 4;
    public static final int SOURCE_ROUTE_FAILED = 5;
    public static final int ADMINISTRATIVELY_PROHIBITED = 13;

    /** Codes of {@link #TIME_EXCEEDED}. */
    public static final int TTL_EXCEEDED_IN_TRANSIT = 0;

    public static final int REASSEMBLY_TIME_EXCEEDED = 1;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int REST_OF_HEADER = 4;
    private static final int QUOTE_WORDS = 5;
    private static final int NEXT_HOP_MTU = 6;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE_NUMBER = 6;

    /** What every message begins with. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("RFC 792")
                    .number("type", 8)
                    .number("code", 8)
                    .bits("checksum", 16)
                    .build();

    /** What follows in an echo request or reply. */
    public static final HeaderLayout ECHO_LAYOUT =
            HeaderLayout.of("RFC 792")
                    .number("identifier", 16)
                    .number("sequence-number", 16)
                    .build();

    /** What follows in a destination unreachable. */
    public static final HeaderLayout UNREACHABLE_LAYOUT =
            HeaderLayout.of("RFC 792")
                    .reserved("unused", 8)
                    .section("RFC 4884 §4.1")
                    .number("length", 8)
                    .section("RFC 1191 §4")
                    .number("next-hop-mtu", 16)
                    .build();

    /** What follows in a time exceeded. */
    public static final HeaderLayout TIME_EXCEEDED_LAYOUT =
            HeaderLayout.of("RFC 792")
                    .reserved("unused", 8)
                    .section("RFC 4884 §4.2")
                    .number("length", 8)
                    .section("RFC 792")
                    .reserved("unused-2", 16)
                    .build();

    /** What follows in a parameter problem. */
    public static final HeaderLayout PARAMETER_PROBLEM_LAYOUT =
            HeaderLayout.of("RFC 792")
                    .number("pointer", 8)
                    .section("RFC 4884 §4.3")
                    .number("length", 8)
                    .section("RFC 792")
                    .reserved("unused", 16)
                    .build();

    /** What follows in a redirect. */
    public static final HeaderLayout REDIRECT_LAYOUT =
            HeaderLayout.of("RFC 792").ipv4Address("gateway").build();

    /** What follows in a message of any other type. */
    public static final HeaderLayout OTHER_LAYOUT =
            HeaderLayout.of("RFC 792").bits("rest-of-header", 32).build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the message that starts at {@code at}. */
    public Icmpv4Message wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold the eight bytes that every message has. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= HEADER_LENGTH;
    }

    public int type() {
        return memory.get(at + TYPE) & 0xff;
    }

    public int code() {
        return memory.get(at + CODE) & 0xff;
    }

    public int checksum() {
        return memory.getShort(at + CHECKSUM) & 0xffff;
    }

    /** Only with {@link #FRAGMENTATION_NEEDED}; 0 from a router older than RFC 1191. */
    public int nextHopMtu() {
        return memory.getShort(at + NEXT_HOP_MTU) & 0xffff;
    }

    /** Whether this reports an error, about which no error may be sent (RFC 1122 §3.2.2). */
    public boolean isError() {
        return isError(type());
    }

    /** Only of an echo request or reply. */
    public int identifier() {
        return memory.getShort(at + IDENTIFIER) & 0xffff;
    }

    /** Only of an echo request or reply. */
    public int sequenceNumber() {
        return memory.getShort(at + SEQUENCE_NUMBER) & 0xffff;
    }

    /** Where the data of an echo request or reply starts in the memory. */
    public int dataAt() {
        return at + HEADER_LENGTH;
    }

    /** Where the packet that an error quotes starts in the memory. */
    public int quoteAt() {
        return at + HEADER_LENGTH;
    }

    /**
     * Of an error: how many 32-bit words of the packet it quotes before extensions follow; 0 when
     * none do (RFC 4884 §4).
     */
    public int quoteWords() {
        return memory.get(at + QUOTE_WORDS) & 0xff;
    }

    public boolean hasValidChecksum(int messageLengthBytes) {
        return InternetChecksum.sum(memory, at, messageLengthBytes) == 0xffff;
    }

    /** Starts a destination unreachable: eight bytes, the checksum still 0. */
    public Icmpv4Message destinationUnreachable(int code) {
        return start(DESTINATION_UNREACHABLE, code);
    }

    /** Starts a fragmentation needed with the MTU that would fit (RFC 1191 §4). */
    public Icmpv4Message fragmentationNeeded(int nextHopMtu) {
        start(DESTINATION_UNREACHABLE, FRAGMENTATION_NEEDED);
        memory.putShort(at + NEXT_HOP_MTU, (short) nextHopMtu);
        return this;
    }

    /** Starts a time exceeded: eight bytes, the checksum still 0. */
    public Icmpv4Message timeExceeded(int code) {
        return start(TIME_EXCEEDED, code);
    }

    /** Starts an echo request: eight bytes, the checksum still 0. */
    public Icmpv4Message echoRequest(int identifier, int sequenceNumber) {
        start(ECHO_REQUEST, 0);
        memory.putShort(at + IDENTIFIER, (short) identifier);
        memory.putShort(at + SEQUENCE_NUMBER, (short) sequenceNumber);
        return this;
    }

    /** Turns an echo request into its reply; identifier, sequence number and data stay. */
    public Icmpv4Message echoReply() {
        memory.put(at + TYPE, (byte) ECHO_REPLY);
        return this;
    }

    /** Computes the checksum, once what follows is in its place. */
    public Icmpv4Message writeChecksum(int messageLengthBytes) {
        memory.putShort(at + CHECKSUM, (short) 0);
        int checksum = InternetChecksum.checksum(memory, at, messageLengthBytes);
        memory.putShort(at + CHECKSUM, (short) checksum);
        return this;
    }

    public static boolean isError(int type) {
        return type == DESTINATION_UNREACHABLE
                || type == SOURCE_QUENCH
                || type == REDIRECT
                || type == TIME_EXCEEDED
                || type == PARAMETER_PROBLEM;
    }

    private Icmpv4Message start(int type, int code) {
        memory.put(at + TYPE, (byte) type);
        memory.put(at + CODE, (byte) code);
        memory.putShort(at + CHECKSUM, (short) 0);
        memory.putInt(at + REST_OF_HEADER, 0);
        return this;
    }
}

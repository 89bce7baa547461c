package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * An ICMPv6 message (RFC 4443 §2.1), as far as tunnels speak it: echo to look at, errors to read
 * and send.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |     Type      |     Code      |           Checksum            |
 * +---------------+---------------+-------------------------------+
 * |      MTU (packet too big) or unused                           |
 * +---------------------------------------------------------------+
 * |  the packet that the error is about: its header and more ...  |
 * </pre>
 */
public final class Icmpv6Message {
    /** The part before an error's quoted packet. */
    public static final int HEADER_LENGTH = 8;

    public static final int DESTINATION_UNREACHABLE = 1;
    public static final int PACKET_TOO_BIG = 2;
    public static final int TIME_EXCEEDED = 3;
    public static final int PARAMETER_PROBLEM = 4;
    public static final int ECHO_REQUEST = 128;
    public static final int ECHO_REPLY = 129;
    public static final int NEIGHBOR_SOLICITATION = 135;
    public static final int NEIGHBOR_ADVERTISEMENT = 136;
    public static final int REDIRECT = 137;

    /** Codes of {@link #DESTINATION_UNREACHABLE} (RFC 4443 §3.1). */
    public static final int NO_ROUTE = 0;

    public static final int ADMINISTRATIVELY_PROHIBITED = 1;
    public static final int ADDRESS_UNREACHABLE = 3;
    public static final int PORT_UNREACHABLE = 4;
    public static final int SOURCE_FAILED_POLICY = 5;
    public static final int REJECT_ROUTE = 6;

    /** RFC 6554 §4.2. */
    public static final int SOURCE_ROUTING_HEADER = 7;

    /** Code of {@link #TIME_EXCEEDED}. */
    public static final int HOP_LIMIT_EXCEEDED_IN_TRANSIT = 0;

    /** Code of {@link #PARAMETER_PROBLEM}. */
    public static final int UNRECOGNIZED_NEXT_HEADER = 1;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int QUOTE_WORDS = 4;
    private static final int MTU = 4;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE_NUMBER = 6;
    private static final int FIRST_INFORMATIONAL_TYPE = 128;

    /** What every message begins with. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("RFC 4443 §2.1")
                    .number("type", 8)
                    .number("code", 8)
                    .bits("checksum", 16)
                    .build();

    /** What follows in an echo request or reply. */
    public static final HeaderLayout ECHO_LAYOUT =
            HeaderLayout.of("RFC 4443 §4.1")
                    .number("identifier", 16)
                    .number("sequence-number", 16)
                    .build();

    /** What follows in a packet too big. */
    public static final HeaderLayout PACKET_TOO_BIG_LAYOUT =
            HeaderLayout.of("RFC 4443 §3.2").number("mtu", 32).build();

    /** What follows in a parameter problem. */
    public static final HeaderLayout PARAMETER_PROBLEM_LAYOUT =
            HeaderLayout.of("RFC 4443 §3.4").number("pointer", 32).build();

    /** What follows in a destination unreachable or a time exceeded. */
    public static final HeaderLayout UNREACHABLE_LAYOUT =
            HeaderLayout.of("RFC 4884 §4.4")
                    .number("length", 8)
                    .section("RFC 4443 §3.1")
                    .reserved("unused", 24)
                    .build();

    /** What follows in a neighbor solicitation or advertisement. */
    public static final HeaderLayout NEIGHBOR_LAYOUT =
            HeaderLayout.of("RFC 4861 §4.3").bits("flags", 32).ipv6Address("target").build();

    /** What follows in a message of any other type. */
    public static final HeaderLayout OTHER_LAYOUT =
            HeaderLayout.of("RFC 4443 §2.1").bits("rest-of-header", 32).build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the message that starts at {@code at}. */
    public Icmpv6Message wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold the eight bytes that every error has. */
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

    /** The next hop's MTU, unsigned; only with {@link #PACKET_TOO_BIG}. */
    public long nextHopMtu() {
        return memory.getInt(at + MTU) & 0xffff_ffffL;
    }

    /**
     * Whether no error may be sent about this message: an error itself, or a redirect (RFC 4443
     * §2.4 (e.1) and (e.2)).
     */
    public boolean isErrorOrRedirect() {
        return isErrorOrRedirect(type());
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
     * Of a destination unreachable or a time exceeded: how many 64-bit words of the packet it
     * quotes before extensions follow; 0 when none do, and in any other message (RFC 4884 §4).
     */
    public int quoteWords() {
        boolean hasLength = type() == DESTINATION_UNREACHABLE || type() == TIME_EXCEEDED;
        return hasLength ? memory.get(at + QUOTE_WORDS) & 0xff : 0;
    }

    /**
     * Whether the checksum is right.
     *
     * @param pseudoHeaderSum {@link Ipv6Header#pseudoHeaderSum} for {@link IpProtocol#ICMPV6}
     */
    public boolean hasValidChecksum(int messageLengthBytes, int pseudoHeaderSum) {
        return InternetChecksum.sum(memory, at, messageLengthBytes, pseudoHeaderSum) == 0xffff;
    }

    /** Starts a destination unreachable: eight bytes, the checksum still 0. */
    public Icmpv6Message destinationUnreachable(int code) {
        return start(DESTINATION_UNREACHABLE, code, 0);
    }

    /** Starts a packet too big with the MTU that would fit (RFC 4443 §3.2). */
    public Icmpv6Message packetTooBig(int nextHopMtu) {
        return start(PACKET_TOO_BIG, 0, nextHopMtu);
    }

    /** Starts a time exceeded: eight bytes, the checksum still 0. */
    public Icmpv6Message timeExceeded(int code) {
        return start(TIME_EXCEEDED, code, 0);
    }

    /** Starts an echo request: eight bytes, the checksum still 0. */
    public Icmpv6Message echoRequest(int identifier, int sequenceNumber) {
        start(ECHO_REQUEST, 0, 0);
        memory.putShort(at + IDENTIFIER, (short) identifier);
        memory.putShort(at + SEQUENCE_NUMBER, (short) sequenceNumber);
        return this;
    }

    /** Turns an echo request into its reply; identifier, sequence number and data stay. */
    public Icmpv6Message echoReply() {
        memory.put(at + TYPE, (byte) ECHO_REPLY);
        return this;
    }

    /**
     * Computes the checksum, once what follows is in its place.
     *
     * @param pseudoHeaderSum {@link Ipv6Header#pseudoHeaderSum} for {@link IpProtocol#ICMPV6}
     */
    public Icmpv6Message writeChecksum(int messageLengthBytes, int pseudoHeaderSum) {
        memory.putShort(at + CHECKSUM, (short) 0);
        int sum = InternetChecksum.sum(memory, at, messageLengthBytes, pseudoHeaderSum);
        memory.putShort(at + CHECKSUM, (short) InternetChecksum.complement(sum));
        return this;
    }

    public static boolean isErrorOrRedirect(int type) {
        return type < FIRST_INFORMATIONAL_TYPE || type == REDIRECT;
    }

    private Icmpv6Message start(int type, int code, int mtuOrUnused) {
        memory.put(at + TYPE, (byte) type);
        memory.put(at + CODE, (byte) code);
        memory.putShort(at + CHECKSUM, (short) 0);
        memory.putInt(at + MTU, mtuOrUnused);
        return this;
    }
}

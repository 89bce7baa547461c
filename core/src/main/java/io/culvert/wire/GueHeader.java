package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * A header of Generic UDP Encapsulation, version 0 (draft-ietf-intarea-gue-09 §3), read in place.
 * Version 1 is no header: its two bits are the first two of an IP packet's.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---+-+---------+---------------+-------------------------------+
 * |Ver|C|  Hlen   |  Proto/ctype  |             Flags             |
 * +---+-+---------+---------------+-------------------------------+
 * |  Fields (Hlen 32-bit words) ...                               |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class GueHeader {
    public static final int MIN_LENGTH = 4;

    /** IANA's UDP port. */
    public static final int PORT = 6080;

    private static final int VERSION_AND_LENGTH = 0;
    private static final int PROTOCOL = 1;
    private static final int FLAGS = 2;
    private static final int WORD = 4;
    private static final int CONTROL = 0x20;
    private static final int LENGTH_MASK = 0x1f;
    private static final int HAS_PRIVATE_FLAGS = 0x0001;
    private static final int REMOTE_CHECKSUM = 0x8000_0000;

    /** The first four bytes. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("draft-ietf-intarea-gue-09 §3")
                    .number("version", 2)
                    .flag("control")
                    .number("header-length", 5)
                    .number("protocol", 8)
                    .bits("flags", 16)
                    .build();

    /** What Linux puts behind them to offload a checksum. */
    public static final HeaderLayout REMOTE_CHECKSUM_LAYOUT =
            HeaderLayout.of("draft-herbert-remotecsumoffload-02")
                    .bits("private-flags", 32)
                    .number("checksum-start", 16)
                    .number("checksum-offset", 16)
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public GueHeader wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold a header of version 0 with its fields. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= MIN_LENGTH && version() == 0 && lengthBytes() <= limitBytes;
    }

    /** 0, or 1 where an IP packet stands in the header's place; needs one byte. */
    public int version() {
        return (memory.get(at + VERSION_AND_LENGTH) & 0xff) >>> 6;
    }

    /** Whether this is a control message, whose type stands in the protocol's place. */
    public boolean isControl() {
        return (memory.get(at + VERSION_AND_LENGTH) & CONTROL) != 0;
    }

    /** 4 to 128. */
    public int lengthBytes() {
        return MIN_LENGTH + (memory.get(at + VERSION_AND_LENGTH) & LENGTH_MASK) * WORD;
    }

    /** An {@link IpProtocol}. */
    public int protocol() {
        return memory.get(at + PROTOCOL) & 0xff;
    }

    public int flags() {
        return memory.getShort(at + FLAGS) & 0xffff;
    }

    /** Whether remote checksum offload follows, as Linux sends it. */
    public boolean hasRemoteChecksum() {
        return flags() == HAS_PRIVATE_FLAGS
                && lengthBytes() >= MIN_LENGTH + 2 * WORD
                && memory.getInt(at + MIN_LENGTH) == REMOTE_CHECKSUM;
    }

    /** Where the optional fields start in the memory. */
    public int fieldsAt() {
        return at + MIN_LENGTH;
    }

    /** Where the payload starts in the memory. */
    public int payloadAt() {
        return at + lengthBytes();
    }
}

package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * An ERSPAN header of type II or III (draft-foschiano-erspan-03 §4.2 and §4.3), read in place. Type
 * I has none.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------+-----------------------+-----+---+-+-------------------+
 * |Version|         VLAN          | COS |En |T|    Session ID     | II
 * +-------+---------------+-------+-----+---+-+-------------------+
 * |       Reserved        |                 Index                 |
 * +-----------------------+---------------------------------------+
 *
 * +-------+-----------------------+-----+---+-+-------------------+
 * |Version|         VLAN          | COS |BSO|T|    Session ID     | III
 * +-------+-----------------------+-----+---+-+-------------------+
 * |                           Timestamp                           |
 * +-------------------------------+-+---------+-----------+-+---+-+
 * |      Security Group Tag       |P|Frame Ty.|Hardware ID|D|Gra|O|
 * +-------------------------------+-+---------+-----------+-+---+-+
 * |  Platform ID and platform specific data (64 bits, if O)       |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class ErspanHeader {
    public static final int TYPE_II_LENGTH = 8;
    public static final int TYPE_III_LENGTH = 12;

    /** What O announces. */
    public static final int PLATFORM_LENGTH = 8;

    /** The version of type II. */
    public static final int TYPE_II = 1;

    /** The version of type III. */
    public static final int TYPE_III = 2;

    private static final int SESSION = 0;
    private static final int FLAGS = 10;
    private static final int SESSION_MASK = 0x3ff;
    private static final int HAS_PLATFORM = 0x0001;
    private static final int EGRESS = 0x0008;

    public static final HeaderLayout TYPE_II_LAYOUT =
            HeaderLayout.of("draft-foschiano-erspan-03 §4.2")
                    .number("version", 4)
                    .number("vlan", 12)
                    .number("class-of-service", 3)
                    .number("encapsulation", 2)
                    .flag("truncated")
                    .number("session-id", 10)
                    .reserved("reserved", 12)
                    .number("index", 20)
                    .build();

    public static final HeaderLayout TYPE_III_LAYOUT =
            HeaderLayout.of("draft-foschiano-erspan-03 §4.3")
                    .number("version", 4)
                    .number("vlan", 12)
                    .number("class-of-service", 3)
                    .number("bad-short-oversized", 2)
                    .flag("truncated")
                    .number("session-id", 10)
                    .number("timestamp", 32)
                    .number("security-group-tag", 16)
                    .flag("is-ethernet-frame")
                    .number("frame-type", 5)
                    .number("hardware-id", 6)
                    .flag("direction")
                    .number("granularity", 2)
                    .flag("has-platform-header")
                    .build();

    public static final HeaderLayout PLATFORM_LAYOUT =
            HeaderLayout.of("draft-foschiano-erspan-03 §4.3")
                    .number("platform-id", 6)
                    .bits("platform-data", 58)
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public ErspanHeader wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold a header of a version that is known. */
    public boolean isValid(int limitBytes) {
        if (limitBytes < TYPE_II_LENGTH) {
            return false;
        }
        return version() == TYPE_II
                || version() == TYPE_III
                        && limitBytes >= TYPE_III_LENGTH
                        && limitBytes >= lengthBytes();
    }

    /** {@link #TYPE_II} or {@link #TYPE_III}; needs one byte. */
    public int version() {
        return (memory.get(at) & 0xf0) >>> 4;
    }

    /** 0 to 1023. */
    public int sessionId() {
        return memory.getShort(at + SESSION + 2) & SESSION_MASK;
    }

    /** 8, 12 or 20. */
    public int lengthBytes() {
        return version() == TYPE_II
                ? TYPE_II_LENGTH
                : TYPE_III_LENGTH + (hasPlatformHeader() ? PLATFORM_LENGTH : 0);
    }

    /** Of type III. */
    public boolean hasPlatformHeader() {
        return (memory.getShort(at + FLAGS) & HAS_PLATFORM) != 0;
    }

    /** Of type III: whether the frame was leaving the mirrored port. */
    public boolean isEgress() {
        return (memory.getShort(at + FLAGS) & EGRESS) != 0;
    }

    /** Where the mirrored frame starts in the memory. */
    public int payloadAt() {
        return at + lengthBytes();
    }
}

package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * One entry of an MPLS label stack (RFC 3032 §2.1), read in place.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------+-----+-+---------------+
 * |                 Label                 | TC  |S|      TTL      |
 * +---------------------------------------+-----+-+---------------+
 * </pre>
 */
public final class MplsLabel {
    public static final int LENGTH = 4;

    private static final int BOTTOM_OF_STACK = 0x100;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("RFC 3032 §2.1")
                    .number("label", 20)
                    .section("RFC 5462 §2")
                    .number("traffic-class", 3)
                    .section("RFC 3032 §2.1")
                    .flag("bottom-of-stack")
                    .number("ttl", 8)
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the entry that starts at {@code at}. */
    public MplsLabel wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold the entry. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= LENGTH;
    }

    /** 0 to 1,048,575. */
    public int label() {
        return memory.getInt(at) >>> 12;
    }

    /** Whether no other label follows. */
    public boolean isBottomOfStack() {
        return (memory.getInt(at) & BOTTOM_OF_STACK) != 0;
    }

    /** Where what follows starts in the memory. */
    public int payloadAt() {
        return at + LENGTH;
    }
}

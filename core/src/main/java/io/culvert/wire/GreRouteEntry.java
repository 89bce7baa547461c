package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * One source route entry behind a GRE header with the routing bit (RFC 1701), read in place. An
 * entry of length 0 ends the list.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+---------------+---------------+
 * |        Address Family         |  SRE Offset   |  SRE Length   |
 * +-------------------------------+---------------+---------------+
 * |  Routing Information ...                                      |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class GreRouteEntry {
    public static final int MIN_LENGTH = 4;

    private static final int SRE_LENGTH = 3;

    /** The part before the routing information. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("RFC 1701")
                    .bits("address-family", 16)
                    .number("sre-offset", 8)
                    .number("sre-length", 8)
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the entry that starts at {@code at}. */
    public GreRouteEntry wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold the entry that its length announces. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= MIN_LENGTH && lengthBytes() <= limitBytes;
    }

    /** Of the routing information. */
    public int routingBytes() {
        return memory.get(at + SRE_LENGTH) & 0xff;
    }

    /** Of the whole entry. */
    public int lengthBytes() {
        return MIN_LENGTH + routingBytes();
    }

    /** Where the routing information starts in the memory. */
    public int routingAt() {
        return at + MIN_LENGTH;
    }
}

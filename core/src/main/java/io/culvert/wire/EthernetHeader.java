package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * An Ethernet II header (IEEE 802.3 §3.1.1, RFC 894), read in place.
 *
 * <pre>
 * +---------------------------------------------------------------+
 * |              Destination Address (48 bits) ...                |
 * +-------------------------------+-------------------------------+
 * |                               |   Source Address (48 bits)    |
 * +-------------------------------+-------------------------------+
 * |                                                               |
 * +-------------------------------+-------------------------------+
 * |      Type, or a length        |
 * +-------------------------------+
 * </pre>
 */
public final class EthernetHeader {
    public static final int LENGTH = 14;

    /** A smaller value in the type's place is the length of an IEEE 802.3 frame. */
    public static final int FIRST_TYPE = 0x0600;

    private static final int TYPE = 12;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("IEEE 802.3 §3.1.1")
                    .macAddress("destination")
                    .macAddress("source")
                    .bits("ether-type", 16)
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public EthernetHeader wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold the header. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= LENGTH;
    }

    /** An {@link EtherType}, or a length below {@link #FIRST_TYPE}. */
    public int etherType() {
        return memory.getShort(at + TYPE) & 0xffff;
    }

    /** Where the payload starts in the memory. */
    public int payloadAt() {
        return at + LENGTH;
    }
}

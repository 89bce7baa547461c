package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * What libpcap puts in place of a link-layer header on Linux's "any" device (LINKTYPE_LINUX_SLL),
 * read in place.
 *
 * <pre>
 * +-------------------------------+-------------------------------+
 * |          Packet Type          |         ARPHRD Type           |
 * +-------------------------------+-------------------------------+
 * |        Address Length         |     Address (64 bits) ...     |
 * +-------------------------------+                               |
 * |                               +-------------------------------+
 * |                               |         Protocol Type         |
 * +-------------------------------+-------------------------------+
 * </pre>
 */
public final class LinuxCookedHeader {
    public static final int LENGTH = 16;

    private static final int PROTOCOL_TYPE = 14;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("LINKTYPE_LINUX_SLL")
                    .number("packet-type", 16)
                    .number("arphrd-type", 16)
                    .number("address-length", 16)
                    .bits("address", 64)
                    .bits("protocol-type", 16)
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public LinuxCookedHeader wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold the header. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= LENGTH;
    }

    /** An {@link EtherType}, mostly. */
    public int protocolType() {
        return memory.getShort(at + PROTOCOL_TYPE) & 0xffff;
    }

    /** Where the payload starts in the memory. */
    public int payloadAt() {
        return at + LENGTH;
    }
}

package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * The second form of {@link LinuxCookedHeader}, which also names the interface
 * (LINKTYPE_LINUX_SLL2), read in place.
 *
 * <pre>
 * +-------------------------------+-------------------------------+
 * |         Protocol Type         |           Reserved            |
 * +-------------------------------+-------------------------------+
 * |                        Interface Index                        |
 * +-------------------------------+---------------+---------------+
 * |          ARPHRD Type          |  Packet Type  |Address Length |
 * +-------------------------------+---------------+---------------+
 * |                       Address (64 bits)                       |
 * |                                                               |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class LinuxCookedHeader2 {
    public static final int LENGTH = 20;

    private static final int PROTOCOL_TYPE = 0;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("LINKTYPE_LINUX_SLL2")
                    .bits("protocol-type", 16)
                    .reserved("reserved", 16)
                    .number("interface-index", 32)
                    .number("arphrd-type", 16)
                    .number("packet-type", 8)
                    .number("address-length", 8)
                    .bits("address", 64)
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public LinuxCookedHeader2 wrap(ByteBuffer memory, int at) {
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

package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * The metadata that Cisco devices put between GRE and a packet (type 0x8909), as seen in their
 * packets; no document is public.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+---------------+---------------+
 * |         Protocol Type         |    Version    |    Length     |
 * +-------------------------------+---------------+---------------+
 * |          Option Type          |      Security Group Tag       |
 * +-------------------------------+-------------------------------+
 * </pre>
 */
public final class CiscoMetadata {
    public static final int LENGTH = 8;

    private static final int PROTOCOL_TYPE = 0;
    private static final int VERSION = 2;
    private static final int LENGTH_FIELD = 3;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("")
                    .bits("protocol-type", 16)
                    .number("version", 8)
                    .number("length", 8)
                    .bits("option-type", 16)
                    .number("security-group-tag", 16)
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public CiscoMetadata wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold a header with one option. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= LENGTH;
    }

    /** An {@link EtherType}: what follows. */
    public int protocolType() {
        return memory.getShort(at + PROTOCOL_TYPE) & 0xffff;
    }

    /** 1 in all that were seen. */
    public int version() {
        return memory.get(at + VERSION) & 0xff;
    }

    /** Options, 1 in all that were seen: the security group tag. */
    public int options() {
        return memory.get(at + LENGTH_FIELD) & 0xff;
    }

    /** Where what follows starts in the memory. */
    public int payloadAt() {
        return at + LENGTH;
    }
}

package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * What follows the type 0x8100 or 0x88a8: a VLAN tag's second half and the type behind it (IEEE
 * 802.1Q §9.6), read in place.
 *
 * <pre>
 * +-----+-+-----------------------+-------------------------------+
 * | PCP |D|   VLAN Identifier     |             Type              |
 * +-----+-+-----------------------+-------------------------------+
 * </pre>
 */
public final class VlanTag {
    public static final int LENGTH = 4;

    private static final int TYPE = 2;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("IEEE 802.1Q §9.6")
                    .number("priority", 3)
                    .flag("drop-eligible")
                    .number("vlan", 12)
                    .bits("ether-type", 16)
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the tag whose control information starts at {@code at}. */
    public VlanTag wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold the tag. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= LENGTH;
    }

    /** An {@link EtherType}, or a length below {@link EthernetHeader#FIRST_TYPE}. */
    public int etherType() {
        return memory.getShort(at + TYPE) & 0xffff;
    }

    /** Where the payload starts in the memory. */
    public int payloadAt() {
        return at + LENGTH;
    }
}

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

    private static final int ADDRESS_BYTES = 6;
    private static final int TYPE = 12;
    private static final int MOST_TAGS = 2;

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

    /**
     * Bytes of a header with its VLAN tags (IEEE 802.1Q §9.6), two at most.
     *
     * @return as much of the frame's length as the header takes, which may be more than there is
     */
    public static int lengthWithTags(ByteBuffer memory, int at, int limitBytes) {
        int lengthBytes = LENGTH;
        for (int tags = 0; tags < MOST_TAGS && lengthBytes <= limitBytes; tags++) {
            int type = memory.getShort(at + lengthBytes - Short.BYTES) & 0xffff;
            if (type != EtherType.VLAN && type != EtherType.SERVICE_VLAN) {
                break;
            }
            lengthBytes += VlanTag.LENGTH;
        }
        return lengthBytes;
    }

    /** Whether two headers are the same, tags included; {@code bytes} is even. */
    public static boolean isSame(
            ByteBuffer memory, int at, ByteBuffer otherMemory, int otherAt, int bytes) {
        for (int i = 0; i < bytes; i += Short.BYTES) {
            if (memory.getShort(at + i) != otherMemory.getShort(otherAt + i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the frame goes to a group or to all. */
    public static boolean isToGroup(ByteBuffer memory, int at) {
        return (memory.get(at) & 1) != 0;
    }

    /** Writes a header that goes back to where another came from, with the same type. */
    public static void copyAnswer(ByteBuffer memory, int at, ByteBuffer asked, int askedAt) {
        memory.put(at, asked, askedAt + ADDRESS_BYTES, ADDRESS_BYTES);
        memory.put(at + ADDRESS_BYTES, asked, askedAt, ADDRESS_BYTES);
        memory.putShort(at + TYPE, asked.getShort(askedAt + TYPE));
    }
}

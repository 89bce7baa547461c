package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * One IPv6 extension header: hop-by-hop options, routing, fragment or destination options (RFC 8200
 * §4.3 to §4.6), read in place. {@link Ipv6Extensions} walks over all of a packet's.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------
 * |  Next Header  |  Hdr Ext Len  |  options ...
 * +---------------+---------------+---------------+---------------+
 * |  Next Header  |  Hdr Ext Len  | Routing Type  | Segments Left | routing
 * +---------------+---------------+---------------+-----------+---+
 * |  Next Header  |   Reserved    |     Fragment Offset     |Res|M| fragment
 * +---------------+---------------+-------------------------+---+-+
 * |                        Identification                         |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv6ExtensionHeader {
    /** Of the shortest, and of every fragment header. */
    public static final int MIN_LENGTH = 8;

    private static final int NEXT_HEADER = 0;
    private static final int EXTENSION_LENGTH = 1;
    private static final int SEGMENTS_LEFT = 3;
    private static final int OFFSET_AND_MORE = 2;
    private static final int OPTIONS = 2;
    private static final int UNIT_BYTES = 8;
    private static final int OFFSET_MASK = 0xfff8;
    private static final int MORE_FRAGMENTS = 0x0001;

    /** What options headers begin with. */
    public static final HeaderLayout OPTIONS_LAYOUT =
            HeaderLayout.of("RFC 8200 §4.2")
                    .number("next-header", 8)
                    .number("extension-length", 8)
                    .build();

    public static final HeaderLayout ROUTING_LAYOUT =
            HeaderLayout.of("RFC 8200 §4.4")
                    .number("next-header", 8)
                    .number("extension-length", 8)
                    .number("routing-type", 8)
                    .number("segments-left", 8)
                    .build();

    public static final HeaderLayout FRAGMENT_LAYOUT =
            HeaderLayout.of("RFC 8200 §4.5")
                    .number("next-header", 8)
                    .reserved("reserved", 8)
                    .number("fragment-offset", 13)
                    .reserved("reserved-2", 2)
                    .flag("more-fragments")
                    .bits("identification", 32)
                    .build();

    private ByteBuffer memory;
    private int at;
    private boolean isFragment;

    /**
     * Looks at the header that starts at {@code at}.
     *
     * @param protocol which extension it is: an {@link IpProtocol}
     */
    public Ipv6ExtensionHeader wrap(ByteBuffer memory, int at, int protocol) {
        this.memory = memory;
        this.at = at;
        this.isFragment = protocol == IpProtocol.IPV6_FRAGMENT;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold the header that its length announces. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= MIN_LENGTH && lengthBytes() <= limitBytes;
    }

    public int nextHeader() {
        return memory.get(at + NEXT_HEADER) & 0xff;
    }

    /** 8 to 2048. */
    public int lengthBytes() {
        return isFragment
                ? MIN_LENGTH
                : UNIT_BYTES + (memory.get(at + EXTENSION_LENGTH) & 0xff) * UNIT_BYTES;
    }

    /** Of a routing header: addresses still to visit. */
    public int segmentsLeft() {
        return memory.get(at + SEGMENTS_LEFT) & 0xff;
    }

    /** Of a fragment header. */
    public int fragmentOffsetBytes() {
        return memory.getShort(at + OFFSET_AND_MORE) & OFFSET_MASK;
    }

    /** Of a fragment header. */
    public boolean moreFragments() {
        return (memory.getShort(at + OFFSET_AND_MORE) & MORE_FRAGMENTS) != 0;
    }

    /** Where the options of an options header start in the memory. */
    public int optionsAt() {
        return at + OPTIONS;
    }

    /** Where what follows this header starts in the memory. */
    public int endAt() {
        return at + lengthBytes();
    }
}

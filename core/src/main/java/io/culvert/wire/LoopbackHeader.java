package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * The address family that BSD's loopback and tunnel devices put before a packet (LINKTYPE_NULL in
 * the byte order of the machine that captured, LINKTYPE_LOOP in the network's), read in place.
 *
 * <pre>
 * +---------------------------------------------------------------+
 * |                        Address Family                         |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class LoopbackHeader {
    public static final int LENGTH = 4;

    /** AF_INET, the same on every system. */
    public static final int FAMILY_IPV4 = 2;

    private static final int FAMILY_IPV6_BSD = 24;
    private static final int FAMILY_IPV6_FREEBSD = 28;
    private static final int FAMILY_IPV6_DARWIN = 30;
    private static final int FAMILY_IPV6_LINUX = 10;
    private static final int LARGEST_FAMILY = 0xff;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("LINKTYPE_NULL").bits("family", 32).build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public LoopbackHeader wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold the header. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= LENGTH;
    }

    /** The family in whichever byte order makes it a small number. */
    public int family() {
        int family = memory.getInt(at);
        return Integer.compareUnsigned(family, LARGEST_FAMILY) <= 0
                ? family
                : Integer.reverseBytes(family);
    }

    /** 4, 6, or 0 when the family is neither. */
    public int ipVersion() {
        return switch (family()) {
            case FAMILY_IPV4 -> IpVersion.IPV4;
            case FAMILY_IPV6_BSD, FAMILY_IPV6_FREEBSD, FAMILY_IPV6_DARWIN, FAMILY_IPV6_LINUX ->
                    IpVersion.IPV6;
            default -> 0;
        };
    }

    /** Where the payload starts in the memory. */
    public int payloadAt() {
        return at + LENGTH;
    }
}

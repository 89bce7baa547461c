package io.culvert.wire;

import java.nio.ByteBuffer;

/** The version nibble that opens every IP header (RFC 791 §3.1, RFC 8200 §3). */
public final class IpVersion {
    public static final int IPV4 = 4;
    public static final int IPV6 = 6;

    private IpVersion() {}

    /** The version nibble of the packet at {@code at}, 0 to 15; needs one readable byte. */
    public static int of(ByteBuffer memory, int at) {
        return (memory.get(at) & 0xf0) >>> 4;
    }
}

package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * What a PPP frame without its flags begins with (RFC 1661 §2, RFC 1662 §3.1), read in place.
 *
 * <pre>
 * +---------------+---------------+-------------------------------+
 * | Address 0xff  | Control 0x03  |     Protocol (8 or 16 bits)   |
 * +---------------+---------------+-------------------------------+
 * </pre>
 *
 * Address and control may be left out, and so may a protocol's first octet when it is zero; a
 * protocol's last octet is odd.
 */
public final class PppHeader {
    public static final int IPV4 = 0x0021;
    public static final int IPV6 = 0x0057;
    public static final int LCP = 0xc021;
    public static final int PAP = 0xc023;
    public static final int CHAP = 0xc223;
    public static final int IPCP = 0x8021;
    public static final int IPV6CP = 0x8057;
    public static final int CCP = 0x80fd;
    public static final int COMPRESSED = 0x00fd;

    private static final short ADDRESS_AND_CONTROL = (short) 0xff03;

    public static final HeaderLayout ADDRESS_LAYOUT =
            HeaderLayout.of("RFC 1662 §3.1").bits("address", 8).bits("control", 8).build();

    public static final HeaderLayout PROTOCOL_LAYOUT =
            HeaderLayout.of("RFC 1661 §2").bits("ppp-protocol", 16).build();

    /** Of a protocol whose first octet is left out. */
    public static final HeaderLayout SHORT_PROTOCOL_LAYOUT =
            HeaderLayout.of("RFC 1661 §6.5").bits("ppp-protocol", 8).build();

    private ByteBuffer memory;
    private int at;
    private int limitBytes;

    /** Looks at the frame that starts at {@code at} and has so many bytes. */
    public PppHeader wrap(ByteBuffer memory, int at, int limitBytes) {
        this.memory = memory;
        this.at = at;
        this.limitBytes = limitBytes;
        return this;
    }

    /** Whether the frame holds the header that it begins with. */
    public boolean isValid() {
        int protocolAt = protocolAt() - at;
        return protocolAt < limitBytes && (hasShortProtocol() || protocolAt + 2 <= limitBytes);
    }

    public boolean hasAddressAndControl() {
        return limitBytes >= 2 && memory.getShort(at) == ADDRESS_AND_CONTROL;
    }

    /** Whether the protocol has one octet. */
    public boolean hasShortProtocol() {
        return (memory.get(protocolAt()) & 1) != 0;
    }

    /** Where the protocol stands in the memory. */
    public int protocolAt() {
        return at + (hasAddressAndControl() ? 2 : 0);
    }

    public int protocol() {
        int protocolAt = protocolAt();
        return hasShortProtocol()
                ? memory.get(protocolAt) & 0xff
                : memory.getShort(protocolAt) & 0xffff;
    }

    /** 1 to 4. */
    public int lengthBytes() {
        return protocolAt() - at + (hasShortProtocol() ? 1 : 2);
    }
}

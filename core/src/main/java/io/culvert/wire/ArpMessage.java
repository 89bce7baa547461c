package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * An ARP message about IPv4 addresses on Ethernet (RFC 826), read in place.
 *
 * <pre>
 * +-------------------------------+-------------------------------+
 * |         Hardware Type         |         Protocol Type         |
 * +---------------+---------------+-------------------------------+
 * |Hardware Length|Protocol Length|           Operation           |
 * +---------------+---------------+-------------------------------+
 * |  Sender MAC (48 bits), Sender IP (32 bits)                    |
 * |  Target MAC (48 bits), Target IP (32 bits)                    |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class ArpMessage {
    /** What stands before the addresses. */
    public static final int HEADER_LENGTH = 8;

    /** With addresses of Ethernet and IPv4. */
    public static final int LENGTH = 28;

    private static final int LENGTHS = 4;
    private static final int OPERATION = 6;
    private static final int MAC_AND_IPV4 = 6 << 8 | 4;

    /** What stands before the addresses. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("RFC 826")
                    .number("hardware-type", 16)
                    .bits("protocol-type", 16)
                    .number("hardware-length", 8)
                    .number("protocol-length", 8)
                    .number("operation", 16)
                    .build();

    /** What follows where {@link #isMacAndIpv4()}. */
    public static final HeaderLayout ADDRESSES_LAYOUT =
            HeaderLayout.of("RFC 826")
                    .macAddress("sender-mac")
                    .ipv4Address("sender-ip")
                    .macAddress("target-mac")
                    .ipv4Address("target-ip")
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the message that starts at {@code at}. */
    public ArpMessage wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold the message, if it is of this kind. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= HEADER_LENGTH && (!isMacAndIpv4() || limitBytes >= LENGTH);
    }

    /** Whether the addresses have the lengths of Ethernet's and IPv4's. */
    public boolean isMacAndIpv4() {
        return memory.getShort(at + LENGTHS) == MAC_AND_IPV4;
    }

    /** 1 for a request, 2 for a reply. */
    public int operation() {
        return memory.getShort(at + OPERATION) & 0xffff;
    }

    /** Where the addresses start in the memory. */
    public int addressesAt() {
        return at + HEADER_LENGTH;
    }
}

package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * One option of an IPv4 header (RFC 791 §3.1), a TCP header (RFC 9293 §3.1) or an IPv6 options
 * header (RFC 8200 §4.2), read in place: a type, for most a length, and a value.
 *
 * <pre>
 * +---------------+---------------+-------------------------------
 * |     Type      |    Length     |  Value ...
 * +---------------+---------------+-------------------------------
 * </pre>
 *
 * In IPv4 and TCP the length counts type and length too, and types 0 and 1 have none; in IPv6 it
 * counts the value alone, and type 0 has none.
 */
public final class HeaderOption {
    /** IPv4 and TCP: the list ends here. */
    public static final int END = 0;

    /** IPv4 and TCP: one byte of padding. */
    public static final int NO_OPERATION = 1;

    /** IPv6: one byte of padding. */
    public static final int PAD1 = 0;

    /** IPv6: padding of two bytes or more. */
    public static final int PADN = 1;

    /** IPv6: how many more tunnels may wrap the packet (RFC 2473 §4.1.1). */
    public static final int TUNNEL_ENCAPSULATION_LIMIT = 4;

    private static final int TYPE = 0;
    private static final int LENGTH = 1;
    private static final int VALUE = 2;

    private ByteBuffer memory;
    private int at;
    private boolean isIpv6;

    /** Looks at the option that starts at {@code at}. */
    public HeaderOption wrap(ByteBuffer memory, int at, boolean isIpv6) {
        this.memory = memory;
        this.at = at;
        this.isIpv6 = isIpv6;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold the option that its length announces. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= 1
                && (isSingleByte()
                        || limitBytes >= VALUE
                                && lengthBytes() >= VALUE
                                && lengthBytes() <= limitBytes);
    }

    public int type() {
        return memory.get(at + TYPE) & 0xff;
    }

    /** Of the whole option. */
    public int lengthBytes() {
        if (isSingleByte()) {
            return 1;
        }
        return (memory.get(at + LENGTH) & 0xff) + (isIpv6 ? VALUE : 0);
    }

    public int valueLengthBytes() {
        return isSingleByte() ? 0 : lengthBytes() - VALUE;
    }

    /** Where the value starts in the memory. */
    public int valueAt() {
        return at + VALUE;
    }

    /** The first octet of the value; only where there is one. */
    public int firstValueOctet() {
        return memory.get(at + VALUE) & 0xff;
    }

    private boolean isSingleByte() {
        return isIpv6 ? type() == PAD1 : type() <= NO_OPERATION;
    }
}

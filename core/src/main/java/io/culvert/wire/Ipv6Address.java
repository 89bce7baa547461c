package io.culvert.wire;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/** IPv6 addresses as two {@code long} halves: their text, and what kind of address one is. */
public final class Ipv6Address {
    public static final int LENGTH = 16;

    private static final int LONGEST_TEXT = 39;
    private static final int GROUPS = 8;

    private Ipv6Address() {}

    /** ff00::/8 (RFC 4291 §2.7). */
    public static boolean isMulticast(long high) {
        return (high >>> 56) == 0xff;
    }

    /** :: (RFC 4291 §2.5.2). */
    public static boolean isUnspecified(long high, long low) {
        return (high | low) == 0;
    }

    /** ::1 (RFC 4291 §2.5.3). */
    public static boolean isLoopback(long high, long low) {
        return high == 0 && low == 1;
    }

    /** fe80::/10 (RFC 4291 §2.5.6). */
    public static boolean isLinkLocal(long high) {
        return (high >>> 54) == 0xfe80 >>> 6;
    }

    /** ::/96, which takes in :: and ::1 (RFC 4291 §2.5.5.1). */
    public static boolean isIpv4Compatible(long high, long low) {
        return high == 0 && (low >>> 32) == 0;
    }

    /** ::ffff:0:0/96 (RFC 4291 §2.5.5.2). */
    public static boolean isIpv4Mapped(long high, long low) {
        return high == 0 && (low >>> 32) == 0xffff;
    }

    /** The upper half of an address; 0 for one of another family. */
    public static long high(InetAddress address) {
        byte[] octets = address.getAddress();
        return octets.length == LENGTH ? ByteBuffer.wrap(octets).getLong(0) : 0;
    }

    /** The lower half of an address; 0 for one of another family. */
    public static long low(InetAddress address) {
        byte[] octets = address.getAddress();
        return octets.length == LENGTH ? ByteBuffer.wrap(octets).getLong(Long.BYTES) : 0;
    }

    /** The canonical text of an address of either family. */
    public static String format(InetAddress address) {
        return address.getAddress().length == LENGTH
                ? format(high(address), low(address))
                : address.getHostAddress();
    }

    /** The canonical text of RFC 5952. */
    public static String format(long high, long low) {
        return appendTo(new StringBuilder(LONGEST_TEXT), high, low).toString();
    }

    /** The canonical text of the 16 bytes at {@code at}. */
    public static String format(ByteBuffer memory, int at) {
        return format(memory.getLong(at), memory.getLong(at + 8));
    }

    /** Appends the canonical text of RFC 5952. */
    public static StringBuilder appendTo(StringBuilder text, long high, long low) {
        if (isIpv4Mapped(high, low)) { // §5: a prefix known to hold an IPv4 address shows it
            return Ipv4Address.appendTo(text.append("::ffff:"), (int) low);
        }
        // §4.2: "::" stands for the longest run of two or more zero groups, the first among equals
        int gapStart = -1;
        int gapLength = 1;
        for (int first = 0; first < GROUPS; first++) {
            int length = zeroGroupsFrom(first, high, low);
            if (length > gapLength) {
                gapStart = first;
                gapLength = length;
            }
        }
        int gapEnd = gapStart < 0 ? 0 : gapStart + gapLength;
        int i = 0;
        while (i < GROUPS) {
            if (i == gapStart) {
                text.append("::");
                i = gapEnd;
            } else {
                if (i > 0 && i != gapEnd) {
                    text.append(':');
                }
                text.append(Integer.toHexString(group(i, high, low)));
                i++;
            }
        }
        return text;
    }

    private static int zeroGroupsFrom(int first, long high, long low) {
        int i = first;
        while (i < GROUPS && group(i, high, low) == 0) {
            i++;
        }
        return i - first;
    }

    private static int group(int index, long high, long low) {
        long half = index < 4 ? high : low;
        return (int) (half >>> (48 - 16 * (index & 3))) & 0xffff;
    }
}

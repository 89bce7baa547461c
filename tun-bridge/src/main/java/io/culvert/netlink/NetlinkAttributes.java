package io.culvert.netlink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The attributes of a message or of another attribute, by type; of a repeated one, the last. */
final class NetlinkAttributes {
    private static final int HEADER_LENGTH = 4;
    private static final int ETHERNET_ADDRESS_LENGTH = 6;
    private static final int VIA_FAMILY_LENGTH = 2; // struct rtvia, linux/rtnetlink.h

    private final Map<Integer, ByteBuffer> values = new HashMap<>();

    private NetlinkAttributes() {}

    /** Reads attributes to the buffer's end; bytes that make no whole one are left out. */
    static NetlinkAttributes read(ByteBuffer bytes, int from) {
        NetlinkAttributes attributes = new NetlinkAttributes();
        int at = from;
        while (at + HEADER_LENGTH <= bytes.limit()) {
            int length = Short.toUnsignedInt(bytes.getShort(at));
            if (length < HEADER_LENGTH || length > bytes.limit() - at) {
                break;
            }
            int type = bytes.getShort(at + 2) & Rtnetlink.NLA_TYPE_MASK;
            attributes.values.put(
                    type, NetlinkMessage.part(bytes, at + HEADER_LENGTH, length - HEADER_LENGTH));
            at += NetlinkMessage.aligned(length);
        }
        return attributes;
    }

    boolean has(int type) {
        return values.containsKey(type);
    }

    /** The number, or what to take for an attribute that is not there. */
    int u32(int type, int absent) {
        ByteBuffer value = values.get(type);
        return value == null || value.limit() < Integer.BYTES ? absent : value.getInt(0);
    }

    /** The octet, or what to take for an attribute that is not there. */
    int u8(int type, int absent) {
        ByteBuffer value = values.get(type);
        return value == null || value.limit() < 1 ? absent : Byte.toUnsignedInt(value.get(0));
    }

    /** One of the numbers that an attribute is a list of, or what to take for one not there. */
    int u32At(int type, int index, int absent) {
        ByteBuffer value = values.get(type);
        return value == null || value.limit() < (index + 1) * Integer.BYTES
                ? absent
                : value.getInt(index * Integer.BYTES);
    }

    /** A number in the struct that an attribute is, or what to take for one that is not there. */
    long u64At(int type, int at, long absent) {
        ByteBuffer value = values.get(type);
        return value == null || value.limit() < at + Long.BYTES ? absent : value.getLong(at);
    }

    /** The 48 bits of an Ethernet address, or what to take for one that is missing or longer. */
    long u48(int type, long absent) {
        ByteBuffer value = values.get(type);
        if (value == null || value.limit() != ETHERNET_ADDRESS_LENGTH) {
            return absent;
        }
        long bits = 0;
        for (int at = 0; at < ETHERNET_ADDRESS_LENGTH; at++) {
            bits = bits << 8 | Byte.toUnsignedLong(value.get(at));
        }
        return bits;
    }

    /** The text up to its NUL; empty when the attribute is not there. */
    String text(int type) {
        ByteBuffer value = values.get(type);
        if (value == null) {
            return "";
        }
        int end = 0;
        while (end < value.limit() && value.get(end) != 0) {
            end++;
        }
        byte[] encoded = new byte[end];
        value.get(0, encoded);
        return new String(encoded, StandardCharsets.UTF_8);
    }

    /** The address, or null when the attribute is not there. */
    InetAddress address(int type) {
        return address(values.get(type), 0);
    }

    /** The address behind a family, as RTA_VIA holds it, or null. */
    InetAddress addressBehindFamily(int type) {
        return address(values.get(type), VIA_FAMILY_LENGTH);
    }

    /** The bytes from index 0 to their limit, or null when the attribute is not there. */
    ByteBuffer bytes(int type) {
        return values.get(type);
    }

    /** The attributes inside this one; none when it is not there. */
    NetlinkAttributes nested(int type) {
        ByteBuffer value = values.get(type);
        return value == null ? new NetlinkAttributes() : read(value, 0);
    }

    private static InetAddress address(ByteBuffer value, int from) {
        if (value == null || value.limit() < from) {
            return null;
        }
        byte[] octets = new byte[value.limit() - from];
        value.get(from, octets);
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException notAnIpAddress) { // such as a link-layer one
            return null;
        }
    }
}

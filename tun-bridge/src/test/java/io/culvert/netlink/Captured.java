package io.culvert.netlink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/** Netlink bytes of a little-endian machine, as x86_64 and aarch64 are, written as hex. */
final class Captured {
    private Captured() {}

    /** The bytes of hex digits; blanks may stand anywhere between bytes. */
    static byte[] bytes(String... hexLines) {
        return HexFormat.of().parseHex(String.join("", hexLines).replaceAll("\\s", ""));
    }

    /** A datagram as it comes from the kernel. */
    static ByteBuffer datagram(String... hexLines) {
        return ByteBuffer.wrap(bytes(hexLines)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The only message of a datagram. */
    static NetlinkMessage message(String... hexLines) {
        return NetlinkMessage.split(datagram(hexLines)).get(0);
    }

    static InetAddress ip(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }
}

package io.culvert.control;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** IPv6 link-local addresses that are derived from IPv4 ones. */
final class LinkLocal {
    private static final int LENGTH = 16;
    private static final int IDENTIFIER = 8;
    private static final int IPV4 = 12;
    private static final int ISATAP = 0x0000_5efe; // RFC 5214 section 6.1
    private static final int ISATAP_OF_PUBLIC = 0x0200_5efe;

    /**
     * Networks whose addresses are not unique in the world, so that the bit "universal" is 0: the
     * list of __ipv6_isatap_ifid, net/ipv6/addrconf.c.
     */
    private static final Prefix[] NOT_UNIVERSAL = {
        AddressWords.prefix("0.0.0.0/8"),
        AddressWords.prefix("10.0.0.0/8"),
        AddressWords.prefix("127.0.0.0/8"),
        AddressWords.prefix("169.254.0.0/16"),
        AddressWords.prefix("172.16.0.0/12"),
        AddressWords.prefix("192.0.2.0/24"),
        AddressWords.prefix("192.88.99.0/24"),
        AddressWords.prefix("192.168.0.0/16"),
        AddressWords.prefix("198.18.0.0/15"),
        AddressWords.prefix("224.0.0.0/4"),
        AddressWords.prefix("255.255.255.255/32"),
    };

    private LinkLocal() {}

    /** {@code fe80::A.B.C.D}, as sit has it. */
    static InetAddress ofIpv4(InetAddress address) {
        return of(0, address);
    }

    /** {@code fe80::5efe:A.B.C.D}, or {@code fe80::200:5efe:A.B.C.D} of a public address. */
    static InetAddress ofIsatap(InetAddress address) {
        for (Prefix prefix : NOT_UNIVERSAL) {
            if (AddressWords.network(address, prefix.lengthBits()).equals(prefix.address())) {
                return of(ISATAP, address);
            }
        }
        return of(ISATAP_OF_PUBLIC, address);
    }

    private static InetAddress of(int identifier, InetAddress ipv4) {
        byte[] octets = new byte[LENGTH];
        ByteBuffer.wrap(octets)
                .putShort(0, (short) 0xfe80)
                .putInt(IDENTIFIER, identifier)
                .put(IPV4, ipv4.getAddress());
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new AssertionError("only length 16 comes here", e);
        }
    }
}

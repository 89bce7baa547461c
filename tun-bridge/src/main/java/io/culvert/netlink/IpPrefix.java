package io.culvert.netlink;

import io.culvert.wire.Ipv4Address;
import io.culvert.wire.Ipv6Address;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * The addresses that begin with the same bits, such as 198.51.100.0/24.
 *
 * @param address any address of the prefix; its other bits are kept as they are
 * @param lengthBits leading bits that count, 0 to 32 or 128
 */
public record IpPrefix(InetAddress address, int lengthBits) {

    public IpPrefix {
        if (lengthBits < 0 || lengthBits > addressBits(address)) {
            throw new IllegalArgumentException(
                    "prefix length of "
                            + text(address)
                            + " is not 0 to "
                            + addressBits(address)
                            + ": "
                            + lengthBits);
        }
    }

    /** The prefix that holds one address. */
    public static IpPrefix host(InetAddress address) {
        return new IpPrefix(address, addressBits(address));
    }

    /** Everything of the address's family: 0.0.0.0/0 or ::/0. */
    static IpPrefix everything(boolean isIpv6) {
        try {
            return new IpPrefix(InetAddress.getByAddress(new byte[isIpv6 ? 16 : 4]), 0);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // only for other lengths
        }
    }

    /** Whether it holds one address and no more. */
    public boolean isHost() {
        return lengthBits == addressBits(address);
    }

    /** Whether the address begins with the same bits. */
    public boolean contains(InetAddress other) {
        return sharesBits(other, lengthBits);
    }

    /** Whether some address begins with the bits of both. */
    public boolean overlaps(IpPrefix other) {
        return sharesBits(other.address, Math.min(lengthBits, other.lengthBits));
    }

    private boolean sharesBits(InetAddress other, int bits) {
        byte[] ours = address.getAddress();
        byte[] others = other.getAddress();
        if (ours.length != others.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >>> (bit & 7);
            if ((ours[bit >>> 3] & mask) != (others[bit >>> 3] & mask)) {
                return false;
            }
        }
        return true;
    }

    /** The prefix with no bit set beyond its length. */
    public IpPrefix network() {
        byte[] octets = address.getAddress();
        for (int bit = lengthBits; bit < octets.length * 8; bit++) {
            octets[bit >>> 3] &= (byte) ~(0x80 >>> (bit & 7));
        }
        try {
            return new IpPrefix(InetAddress.getByAddress(octets), lengthBits);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // only for other lengths
        }
    }

    /** As {@code ip addr} writes it, always with its length: {@code 192.0.2.1/32}. */
    @Override
    public String toString() {
        return text(address) + "/" + lengthBits;
    }

    /** As {@code ip route} writes a destination: {@code default}, and a host without length. */
    public String words() {
        if (lengthBits == 0) {
            return "default";
        }
        return isHost() ? text(address) : toString();
    }

    /** An address in the text that {@code ip} prints: for IPv6, RFC 5952's. */
    public static String text(InetAddress address) {
        ByteBuffer octets = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet4Address
                ? Ipv4Address.format(octets.getInt())
                : Ipv6Address.format(octets, 0);
    }

    private static int addressBits(InetAddress address) {
        return address instanceof Inet6Address ? 128 : 32;
    }
}

package io.culvert.doctor;

import io.culvert.netlink.IpPrefix;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** What prefixes have to do with each other. */
final class Prefixes {
    private Prefixes() {}

    /** Whether the address is one of the prefix's. */
    static boolean contains(IpPrefix prefix, InetAddress address) {
        return sharesBits(prefix.address(), address, prefix.lengthBits());
    }

    /** The prefix with no bit set beyond its length. */
    static IpPrefix network(IpPrefix prefix) {
        byte[] octets = prefix.address().getAddress();
        for (int bit = prefix.lengthBits(); bit < octets.length * 8; bit++) {
            octets[bit >>> 3] &= (byte) ~(0x80 >>> (bit & 7));
        }
        try {
            return new IpPrefix(InetAddress.getByAddress(octets), prefix.lengthBits());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // only for other lengths
        }
    }

    /** Whether some address is in both. */
    static boolean overlap(IpPrefix one, IpPrefix other) {
        int bits = Math.min(one.lengthBits(), other.lengthBits());
        return sharesBits(one.address(), other.address(), bits);
    }

    private static boolean sharesBits(InetAddress one, InetAddress other, int bits) {
        byte[] a = one.getAddress();
        byte[] b = other.getAddress();
        if (a.length != b.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >>> (bit & 7);
            if ((a[bit >>> 3] & mask) != (b[bit >>> 3] & mask)) {
                return false;
            }
        }
        return true;
    }
}

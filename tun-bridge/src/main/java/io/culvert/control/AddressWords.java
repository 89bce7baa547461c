package io.culvert.control;

import io.culvert.wire.Ipv4Address;
import io.culvert.wire.Ipv6Address;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;

/**
 * Addresses and prefixes as a person writes them: literals only, never a host name, so that no
 * tunnel ever waits for DNS.
 */
final class AddressWords {
    private static final Pattern IPV6_CHARACTERS = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private AddressWords() {}

    /**
     * An IPv4 or IPv6 literal.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    static InetAddress address(String text) {
        return text.indexOf(':') >= 0 ? ipv6(text) : ipv4(text);
    }

    /**
     * A dotted quad.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    static Inet4Address ipv4(String text) {
        return (Inet4Address) ofBytes(ByteBuffer.allocate(4).putInt(Ipv4Address.parse(text)));
    }

    /** An address with an optional length; without one the length is the whole address. */
    static InterfaceAddress interfaceAddress(String text) {
        Cidr cidr = Cidr.of(text);
        return new InterfaceAddress(cidr.address, cidr.lengthBits, null);
    }

    /**
     * Our address and the peer's. The length belongs to the peer, as {@code ip addr add} has it.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    static InterfaceAddress interfaceAddress(String text, String peerText) {
        Cidr own = Cidr.of(text);
        Cidr peer = Cidr.of(peerText);
        if (own.lengthBits != own.address.getAddress().length * 8) {
            throw new IllegalArgumentException(
                    "with a peer, the length goes to the peer: \"address "
                            + text(own.address)
                            + " peer "
                            + text(peer.address)
                            + "/"
                            + own.lengthBits
                            + "\"");
        }
        return new InterfaceAddress(own.address, peer.lengthBits, peer.address);
    }

    /** A prefix; without a length it is one host, and {@code default} is every IPv4 address. */
    static Prefix prefix(String text) {
        Cidr cidr = Cidr.of(text.equals("default") ? "0.0.0.0/0" : text);
        return new Prefix(cidr.address, cidr.lengthBits);
    }

    static boolean looksLikeIpv6(String text) {
        return IPV6_CHARACTERS.matcher(text).matches();
    }

    /** Whether the text is an address or a prefix of either version. */
    static boolean isAddress(String text) {
        try {
            Cidr.of(text);
            return true;
        } catch (IllegalArgumentException notOne) {
            return false;
        }
    }

    /** The address as people write it; IPv6 in the form of RFC 5952. */
    static String text(InetAddress address) {
        if (address instanceof Inet4Address) {
            return address.getHostAddress();
        }
        return Ipv6Address.format(ByteBuffer.wrap(address.getAddress()), 0);
    }

    static void checkLength(InetAddress address, int lengthBits) {
        int most = address.getAddress().length * 8;
        if (lengthBits < 0 || lengthBits > most) {
            throw new IllegalArgumentException(
                    text(address) + "/" + lengthBits + " has a length that is not 0 to " + most);
        }
    }

    /** The address with every bit beyond the length cleared. */
    static InetAddress network(InetAddress address, int lengthBits) {
        byte[] octets = address.getAddress();
        for (int i = 0; i < octets.length; i++) {
            int bits = Math.max(0, Math.min(8, lengthBits - 8 * i));
            octets[i] &= (byte) (0xff00 >> bits);
        }
        return ofBytes(ByteBuffer.wrap(octets));
    }

    /**
     * An IPv6 literal.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    static InetAddress ipv6(String text) {
        if (!looksLikeIpv6(text)) {
            throw new IllegalArgumentException("not an IPv6 address: \"" + text + "\"");
        }
        try {
            // The characters leave only a literal: getByName asks no name service for one.
            InetAddress address = InetAddress.getByName(text);
            if (address instanceof Inet4Address) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" is an IPv4-mapped address: write it as IPv4");
            }
            return address;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an IPv6 address: \"" + text + "\"", e);
        }
    }

    private static InetAddress ofBytes(ByteBuffer octets) {
        try {
            return InetAddress.getByAddress(octets.array());
        } catch (UnknownHostException e) {
            throw new AssertionError("only lengths 4 and 16 come here", e);
        }
    }

    /** An address with its length. */
    private record Cidr(InetAddress address, int lengthBits) {
        static Cidr of(String text) {
            int slash = text.indexOf('/');
            if (slash < 0) {
                InetAddress host = AddressWords.address(text);
                return new Cidr(host, host.getAddress().length * 8);
            }
            InetAddress address = AddressWords.address(text.substring(0, slash));
            int most = address.getAddress().length * 8;
            String length = text.substring(slash + 1);
            if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > most) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" has a length that is not 0 to " + most);
            }
            return new Cidr(address, Integer.parseInt(length));
        }
    }
}

package io.culvert.control;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;

/**
 * An address to put on the tunnel's device, as {@code ip addr add} takes it.
 *
 * @param address our address on the device
 * @param prefixLengthBits the network's length; with a peer it is the length of the peer's network
 * @param peer the other end's address, or null when the device is to have none
 */
public record InterfaceAddress(InetAddress address, int prefixLengthBits, InetAddress peer) {

    /**
     * Checks that the parts go together.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public InterfaceAddress {
        Objects.requireNonNull(address, "address");
        if (peer != null && peer.getClass() != address.getClass()) {
            throw new IllegalArgumentException(
                    "address "
                            + AddressWords.text(address)
                            + " and peer "
                            + AddressWords.text(peer)
                            + " are of different IP versions");
        }
        AddressWords.checkLength(address, prefixLengthBits);
    }

    /** 4 or 6. */
    public int ipVersion() {
        return address instanceof Inet4Address ? 4 : 6;
    }

    /**
     * The one other host on the link: the peer, or, without one, what a network of two hosts leaves
     * (RFC 3021, RFC 6164, and IPv4's networks of four addresses). Null when there may be several.
     */
    public InetAddress otherEnd() {
        if (peer != null) {
            return peer;
        }
        byte[] octets = address.getAddress();
        int last = octets.length - 1;
        int bitsLeft = octets.length * 8 - prefixLengthBits;
        boolean isMiddleOfFour = (octets[last] + 1 & 2) != 0;
        if (bitsLeft == 1) {
            octets[last] ^= 1;
        } else if (bitsLeft == 2 && ipVersion() == 4 && isMiddleOfFour) {
            octets[last] ^= 3;
        } else {
            return null;
        }
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new AssertionError("as many octets as an address has", e);
        }
    }

    /** As {@code ip addr add} takes it, for example {@code 192.0.2.1 peer 192.0.2.2/32}. */
    @Override
    public String toString() {
        return AddressWords.text(address)
                + (peer == null ? "" : " peer " + AddressWords.text(peer))
                + "/"
                + prefixLengthBits;
    }
}

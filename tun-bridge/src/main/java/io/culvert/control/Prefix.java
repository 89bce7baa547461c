package io.culvert.control;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * A destination network of a route.
 *
 * @param address the network's address; no bit beyond the length is set
 * @param lengthBits leading bits that count, 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record Prefix(InetAddress address, int lengthBits) {

    /**
     * Checks the length against the address.
     *
     * @throws IllegalArgumentException when bits beyond the length are set; the message names the
     *     network that was probably meant
     */
    public Prefix {
        AddressWords.checkLength(address, lengthBits);
        InetAddress network = AddressWords.network(address, lengthBits);
        if (!network.equals(address)) {
            throw new IllegalArgumentException(
                    AddressWords.text(address)
                            + "/"
                            + lengthBits
                            + " has bits set beyond its length: did you mean "
                            + AddressWords.text(network)
                            + "/"
                            + lengthBits
                            + "?");
        }
    }

    /** 4 or 6. */
    public int ipVersion() {
        return address instanceof Inet4Address ? 4 : 6;
    }

    /** As {@code ip route} writes it, for example {@code 192.0.2.0/24}. */
    @Override
    public String toString() {
        return AddressWords.text(address) + "/" + lengthBits;
    }
}

package io.culvert.spec;

import java.net.InetAddress;

/** The outer IP header of a tunnel's packets: where they go, and what it says besides. */
public sealed interface Outer permits OuterIpv4, OuterIpv6 {
    /** {@link #ttl()} that takes the inner packet's value. */
    int TTL_INHERIT = 0;

    /** Our outer address; null when the route decides per packet. */
    InetAddress local();

    /** The peer's outer address; null for any. */
    InetAddress remote();

    /** The underlay device that the tunnel is bound to; null for any. */
    String link();

    /** TTL or hop limit, 1 to 255; {@link #TTL_INHERIT} for the inner packet's. */
    int ttl();

    /** 4 or 6. */
    int ipVersion();

    /** Bytes of the outer header, with its options. */
    int headerBytes();

    /** Whether an outer packet is never fragmented, neither by us nor on the way. */
    boolean pmtudisc();

    /**
     * Checks what holds for both families.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    static void check(InetAddress local, InetAddress remote) {
        if (remote != null && remote.isMulticastAddress()) {
            throw new IllegalArgumentException(
                    "remote "
                            + remote.getHostAddress()
                            + " is multicast: give the address of one peer");
        }
        if (remote != null && remote.equals(local)) {
            throw new IllegalArgumentException(
                    "remote and local are both "
                            + remote.getHostAddress()
                            + ": a tunnel needs two ends");
        }
    }
}

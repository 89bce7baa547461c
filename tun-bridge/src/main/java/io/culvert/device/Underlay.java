package io.culvert.device;

/** A device that carries outer packets between this host and the tunnels' remotes. */
public interface Underlay extends PacketDevice {
    /**
     * Makes a tunnel's packets leave by one interface whatever the routes to others say.
     *
     * @param tunnelIndex the tunnel's index in its lane, 0 or more
     * @param interfaceIndex the underlay's interface; 0 lets the routes say
     */
    void boundLink(int tunnelIndex, int interfaceIndex);

    /**
     * Says where a tunnel's packets go first, until told otherwise; nothing to an underlay that
     * leaves it to the kernel.
     *
     * @param tunnelIndex the tunnel's index in its lane, 0 or more
     * @param interfaceIndex the interface they leave by
     * @param linkAddress the neighbour's Ethernet address, in the lower 48 bits: 02:00:5e:00:53:01
     *     is {@code 0x02005e005301}
     * @param linkMtu the largest IP packet that the interface takes, in bytes
     */
    default void nextHop(int tunnelIndex, int interfaceIndex, long linkAddress, int linkMtu) {}

    /** Says that nobody knows where a tunnel's packets go first, as at the beginning. */
    default void noNextHop(int tunnelIndex) {}
}

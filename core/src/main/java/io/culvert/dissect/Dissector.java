package io.culvert.dissect;

import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Takes packets apart, layer by layer, as deep as they go.
 *
 * <p>Never throws on any bytes. A header that is cut short shows the fields that are there. Work
 * and memory are bounded by {@link #MOST_LAYERS} and the packet's length. Immutable; threads may
 * share one.
 */
public final class Dissector {
    /** Nobody nests deeper; what lies behind is data. */
    public static final int MOST_LAYERS = 32;

    private final Map<Integer, UdpPayload> udpPorts;

    /** Takes UDP apart only where it goes to a port that IANA gave to a tunnel protocol. */
    public Dissector() {
        this(Map.of());
    }

    /**
     * @param udpPorts what datagrams to these ports carry, in addition to IANA's GUE and GRE-in-UDP
     */
    public Dissector(Map<Integer, UdpPayload> udpPorts) {
        this.udpPorts = Map.copyOf(udpPorts);
    }

    /**
     * Takes a packet apart.
     *
     * @param bytes not changed; position, limit and byte order mean nothing
     * @param at where the packet starts
     * @param capturedBytes how much of it there is, from {@code at} on and within the capacity
     * @param wireBytes how long it was on the wire, at least {@code capturedBytes}
     * @throws IndexOutOfBoundsException when the bytes are not in the buffer
     */
    public Dissection dissect(
            LinkType link, ByteBuffer bytes, int at, int capturedBytes, int wireBytes) {
        java.util.Objects.checkFromIndexSize(at, capturedBytes, bytes.capacity());
        int onWire = Math.max(capturedBytes, wireBytes);
        ByteBuffer memory = bytes.duplicate().clear();
        Walk walk = new Walk(memory, at, capturedBytes, onWire, udpPorts);
        Protocol next = LinkLayers.first(link, walk);
        while (next != null) {
            next = walk.layers() < MOST_LAYERS - 1 ? decode(next, walk) : Payloads.tooDeep(walk);
        }
        return new Dissection(link, capturedBytes, onWire, walk.all());
    }

    /** A whole packet. */
    public Dissection dissect(LinkType link, byte[] packet) {
        return dissect(link, ByteBuffer.wrap(packet), 0, packet.length, packet.length);
    }

    /** Adds the layer and returns what follows it, or null at the packet's end. */
    private static Protocol decode(Protocol protocol, Walk walk) {
        return switch (protocol) {
            case ETHERNET -> LinkLayers.ethernet(walk);
            case LINUX_SLL -> LinkLayers.cooked(walk);
            case LINUX_SLL2 -> LinkLayers.cooked2(walk);
            case LOOPBACK -> LinkLayers.loopback(walk);
            case VLAN -> LinkLayers.vlan(walk);
            case IPV4 -> Ipv4Layer.decode(walk);
            case IPV6 -> Ipv6Layers.header(walk);
            case IPV6_HOP_BY_HOP, IPV6_ROUTING, IPV6_FRAGMENT, IPV6_DESTINATION_OPTIONS ->
                    Ipv6Layers.extension(protocol, walk);
            case GRE -> GreLayer.decode(walk);
            case UDP -> UdpLayer.decode(walk);
            case TCP -> TcpLayer.decode(walk);
            case ICMP -> IcmpLayers.icmp(walk);
            case ICMPV6 -> IcmpLayers.icmpv6(walk);
            case ARP -> ArpLayer.decode(walk);
            case MPLS -> MplsLayer.decode(walk);
            case EOIP -> GrePayloadLayers.eoip(walk);
            case PPTP -> PppLayers.pptp(walk);
            case PPP -> PppLayers.ppp(walk);
            case ERSPAN -> GrePayloadLayers.erspan(walk);
            case WCCP -> GrePayloadLayers.wccp(walk);
            case CISCO_METADATA -> GrePayloadLayers.metadata(walk);
            case KEEPALIVE -> GrePayloadLayers.keepalive(walk);
            case NHRP -> GrePayloadLayers.nhrp(walk);
            case GUE -> UdpTunnels.gue(walk);
            case DATA -> Payloads.data(walk);
        };
    }
}

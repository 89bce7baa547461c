package io.culvert.dissect;

import io.culvert.wire.UdpHeader;

/** What a datagram carries, as far as its port and its first bytes tell. */
final class UdpTunnels {
    private UdpTunnels() {}

    static Protocol payload(Walk walk, UdpHeader udp) {
        return walk.udpPorts.containsKey(udp.destinationPort()) ? Protocol.DATA : Protocol.DATA;
    }
}

package io.culvert.dissect;

import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.UdpHeader;

/** A UDP header. */
final class UdpLayer {
    private UdpLayer() {}

    static Protocol decode(Walk walk) {
        OpenLayer layer = walk.open(Protocol.UDP).read(UdpHeader.LAYOUT);
        UdpHeader udp = new UdpHeader().wrap(walk.memory, walk.at);
        if (walk.readable() < UdpHeader.LENGTH) {
            return layer.closeCutShort(UdpHeader.LENGTH);
        }
        int length = udp.lengthBytes();
        layer.checksum("checksum", checksum(walk, udp));
        if (!udp.hasChecksum() && walk.ip.version() == IpVersion.IPV6) {
            layer.warning("no checksum, which over IPv6 only tunnels may send (RFC 6935)");
        }
        if (length < UdpHeader.LENGTH) {
            layer.error("the length " + length + " is shorter than UDP's own header");
            return layer.close(UdpHeader.LENGTH, Protocol.DATA);
        }
        if (!walk.narrow(length) && walk.ip.obstacle() == null) {
            layer.error("the length is " + length + ", and " + walk.remaining() + " are there");
        }
        Protocol next = layer.close(UdpHeader.LENGTH, Protocol.DATA);
        return next == null ? null : UdpTunnels.payload(walk, udp);
    }

    private static ChecksumState checksum(Walk walk, UdpHeader udp) {
        if (!udp.hasChecksum()) {
            return ChecksumState.ABSENT;
        }
        return walk.transportChecksum(IpProtocol.UDP, udp.lengthBytes(), udp.checksum());
    }
}

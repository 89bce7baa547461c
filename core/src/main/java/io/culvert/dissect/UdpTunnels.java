package io.culvert.dissect;

import io.culvert.wire.EtherType;
import io.culvert.wire.GreHeader;
import io.culvert.wire.GueHeader;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import io.culvert.wire.UdpHeader;

/** What a datagram carries, as far as its port and its first bytes tell. */
final class UdpTunnels {
    /** IANA's port of GRE-in-UDP (RFC 8086 §8). */
    private static final int GRE_IN_UDP_PORT = 4754;

    /** With so many bytes of a datagram the guess is what it would be with all of them. */
    private static final int TELLING_BYTES = 64;

    private UdpTunnels() {}

    static Protocol payload(Walk walk, UdpHeader udp) {
        int port = udp.destinationPort();
        UdpPayload said = walk.udpPorts.get(port);
        if (said == null) {
            // the port may be somebody else's all the same, so the bytes must agree
            boolean isIanas = port == GueHeader.PORT || port == GRE_IN_UDP_PORT;
            said = isIanas ? UdpPayload.GUESS : null;
        }
        if (said == null) {
            return Protocol.DATA;
        }
        return switch (said) {
            case GUESS -> guess(walk);
            case GRE -> Protocol.GRE;
            case GUE -> gueOrIp(walk);
            case IP -> LinkLayers.ip(walk);
        };
    }

    static Protocol gue(Walk walk) {
        OpenLayer layer = walk.open(Protocol.GUE).read(GueHeader.LAYOUT);
        GueHeader gue = new GueHeader().wrap(walk.memory, walk.at);
        if (walk.readable() < GueHeader.MIN_LENGTH) {
            return layer.closeCutShort(GueHeader.MIN_LENGTH);
        }
        if (gue.version() != 0) {
            layer.error("GUE version " + gue.version() + " does not exist");
            return layer.close(0, Protocol.DATA);
        }
        layer.meaning("header-length", Words.count(gue.lengthBytes(), "byte"));
        if (!gue.isValid(walk.readable())) {
            return layer.closeCutShort(gue.lengthBytes());
        }
        if (gue.hasRemoteChecksum()) {
            layer.read(GueHeader.REMOTE_CHECKSUM_LAYOUT, gue.fieldsAt());
            layer.note("remote checksum offload: the receiver completes the inner checksum");
        }
        if (gue.isControl()) {
            layer.meaning("protocol", "type of a control message");
            return layer.close(gue.lengthBytes(), Protocol.DATA);
        }
        return layer.close(gue.lengthBytes(), Payloads.ofIpProtocol(gue.protocol()));
    }

    private static Protocol gueOrIp(Walk walk) {
        GueHeader gue = new GueHeader().wrap(walk.memory, walk.at);
        return walk.readable() > 0 && gue.version() == 1 ? LinkLayers.ip(walk) : Protocol.GUE;
    }

    /** The four can be told apart: GRE's first octets are never those of the others. */
    private static Protocol guess(Walk walk) {
        if (looksLikeIp(walk, walk.at, walk.readable())) {
            return LinkLayers.ip(walk);
        }
        if (looksLikeGre(walk, walk.at, walk.readable())) {
            return Protocol.GRE;
        }
        if (looksLikeGue(walk)) {
            return Protocol.GUE;
        }
        walk.isPayloadUntold =
                walk.readable() < Math.min(TELLING_BYTES, walk.remaining()) && !walk.isQuoted();
        return Protocol.DATA;
    }

    private static boolean looksLikeIp(Walk walk, int at, int readable) {
        if (readable < Ipv4Header.MIN_LENGTH) {
            return false;
        }
        if (IpVersion.of(walk.memory, at) == IpVersion.IPV4) {
            Ipv4Header ip = new Ipv4Header().wrap(walk.memory, at);
            return ip.isValid(walk.end - at)
                    && ip.headerLengthBytes() <= readable
                    && ip.hasValidHeaderChecksum();
        }
        return readable >= Ipv6Header.LENGTH
                && new Ipv6Header().wrap(walk.memory, at).isValid(walk.end - at);
    }

    private static boolean looksLikeGre(Walk walk, int at, int readable) {
        if (readable < GreHeader.MIN_LENGTH) {
            return false;
        }
        GreHeader gre = new GreHeader().wrap(walk.memory, at);
        if (gre.version() != 0 || gre.reservedFlags() != 0 || gre.hasRouting()) {
            return false;
        }
        return gre.isValid(readable)
                && switch (gre.protocolType()) {
                    case EtherType.IPV4,
                            EtherType.IPV6,
                            EtherType.TEB,
                            EtherType.MPLS,
                            EtherType.ERSPAN,
                            EtherType.ERSPAN_III ->
                            true;
                    default -> false;
                };
    }

    private static boolean looksLikeGue(Walk walk) {
        GueHeader gue = new GueHeader().wrap(walk.memory, walk.at);
        int readable = walk.readable();
        if (readable < GueHeader.MIN_LENGTH || !gue.isValid(readable) || gue.isControl()) {
            return false;
        }
        int left = readable - gue.lengthBytes();
        return switch (gue.protocol()) {
            case IpProtocol.IPIP, IpProtocol.IPV6 -> looksLikeIp(walk, gue.payloadAt(), left);
            case IpProtocol.GRE -> looksLikeGre(walk, gue.payloadAt(), left);
            default -> false;
        };
    }
}

package io.culvert.dissect;

import io.culvert.wire.HeaderOption;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv6ExtensionHeader;
import io.culvert.wire.Ipv6Header;

/** An IPv6 header and its extension headers. */
final class Ipv6Layers {
    private static final int MOST_OPTIONS = 64;
    private static final int ROUTER_ALERT = 5;
    private static final int JUMBO_PAYLOAD = 0xc2;

    private Ipv6Layers() {}

    /** The header, or that of IPv4 which stands in its place. */
    static Protocol header(Walk walk) {
        if (walk.readable() == 0 || IpVersion.of(walk.memory, walk.at) == IpVersion.IPV6) {
            return header(walk, walk.open(Protocol.IPV6));
        }
        return IpVersion.of(walk.memory, walk.at) == IpVersion.IPV4
                ? Ipv4Layer.header(
                        walk, walk.open(Protocol.IPV4).error("IPv4 where IPv6 was announced"))
                : Ipv4Layer.neither(walk, Protocol.IPV6);
    }

    /** Of IPv6 in truth. */
    static Protocol header(Walk walk, OpenLayer layer) {
        layer.read(Ipv6Header.LAYOUT);
        Ipv6Header ip = new Ipv6Header().wrap(walk.memory, walk.at);
        if (walk.readable() < Ipv6Header.LENGTH) {
            if (walk.readable() >= Ipv6Header.LAYOUT.place("payload-length").endByte()
                    && ip.payloadLengthBytes() > 0) {
                walk.narrow(ip.totalLengthBytes());
            }
            return layer.closeCutShort(Ipv6Header.LENGTH);
        }
        boolean isWhole = narrow(walk, layer, ip);
        walk.ip =
                new Walk.Enclosing(
                        IpVersion.IPV6, ip.pseudoHeaderSum(0, 0), true, walk.obstacle(isWhole));
        if (ip.hopLimit() == 0) {
            layer.warning("hop limit 0: no router forwards this");
        }
        return layer.close(Ipv6Header.LENGTH, Payloads.ofIpProtocol(ip.nextHeader()));
    }

    /** Makes the walk end where the packet does; whether all of the packet is there. */
    private static boolean narrow(Walk walk, OpenLayer layer, Ipv6Header ip) {
        int total = ip.totalLengthBytes();
        int remaining = walk.remaining();
        if (ip.payloadLengthBytes() == 0
                && remaining > total
                && ip.nextHeader() != IpProtocol.IPV6_NO_NEXT_HEADER) {
            layer.note("payload length 0: a jumbogram, or captured before segmentation");
            return false;
        }
        if (total > remaining) {
            layer.lessThanSaid(ip.payloadLengthBytes(), remaining - Ipv6Header.LENGTH);
            return false;
        }
        Ipv4Layer.noteTrailer(walk, layer, remaining - total);
        return walk.narrow(total);
    }

    static Protocol extension(Protocol protocol, Walk walk) {
        OpenLayer layer = walk.open(protocol);
        int number = numberOf(protocol);
        switch (protocol) {
            case IPV6_FRAGMENT -> layer.read(Ipv6ExtensionHeader.FRAGMENT_LAYOUT);
            case IPV6_ROUTING -> layer.read(Ipv6ExtensionHeader.ROUTING_LAYOUT);
            default -> layer.read(Ipv6ExtensionHeader.OPTIONS_LAYOUT);
        }
        Ipv6ExtensionHeader header = new Ipv6ExtensionHeader().wrap(walk.memory, walk.at, number);
        if (walk.readable() < Ipv6ExtensionHeader.MIN_LENGTH) {
            return layer.closeCutShort(Ipv6ExtensionHeader.MIN_LENGTH);
        }
        if (!header.isValid(walk.readable())) {
            return layer.closeCutShort(header.lengthBytes());
        }
        layer.meaning("extension-length", Words.count(header.lengthBytes(), "byte"));
        Protocol next = Payloads.ofIpProtocol(header.nextHeader());
        if (next == Protocol.IPV6_HOP_BY_HOP) {
            layer.error("hop-by-hop options must stand right behind the IPv6 header");
            next = Protocol.DATA;
        }
        if (protocol == Protocol.IPV6_FRAGMENT) {
            int offset = header.fragmentOffsetBytes();
            layer.meaning("fragment-offset", offset > 0 ? Words.count(offset, "byte") : "");
            if (offset > 0 || header.moreFragments()) {
                walk.ip = walk.ip.withObstacle(ChecksumState.FRAGMENTED);
            }
            next = offset > 0 ? Protocol.DATA : next;
        } else if (protocol == Protocol.IPV6_ROUTING) {
            if (header.segmentsLeft() > 0) {
                walk.ip = walk.ip.withoutPseudoHeader();
            }
        } else {
            options(walk, layer, header);
        }
        return layer.close(header.lengthBytes(), next);
    }

    private static void options(Walk walk, OpenLayer layer, Ipv6ExtensionHeader header) {
        HeaderOption option = new HeaderOption();
        int at = header.optionsAt();
        int end = header.endAt();
        for (int i = 0; at < end; i++) {
            if (i == MOST_OPTIONS) {
                layer.note("more options follow");
                return;
            }
            if (!option.wrap(walk.memory, at, true).isValid(end - at)) {
                layer.error("an option is longer than the header");
                return;
            }
            option(walk, layer, option, at);
            at += option.lengthBytes();
        }
    }

    private static void option(Walk walk, OpenLayer layer, HeaderOption option, int at) {
        int bytes = option.valueLengthBytes();
        switch (option.type()) {
            case HeaderOption.PAD1, HeaderOption.PADN ->
                    layer.text("padding", "", at, option.lengthBytes(), "RFC 8200 §4.2");
            case HeaderOption.TUNNEL_ENCAPSULATION_LIMIT -> {
                if (bytes == 1) {
                    int limit = option.firstValueOctet();
                    layer.number(
                            "tunnel-encapsulation-limit",
                            limit,
                            "",
                            at,
                            option.lengthBytes(),
                            "RFC 2473 §4.1.1");
                } else {
                    layer.error("a tunnel encapsulation limit has one byte, not " + bytes);
                }
            }
            default -> {
                String name =
                        switch (option.type()) {
                            case ROUTER_ALERT -> "router alert";
                            case JUMBO_PAYLOAD -> "jumbo payload";
                            default -> "option " + option.type();
                        };
                String value =
                        bytes == 0 ? "" : " " + Words.bytes(walk.memory, option.valueAt(), bytes);
                layer.text("option", name + value, at, option.lengthBytes(), "RFC 8200 §4.2");
            }
        }
    }

    private static int numberOf(Protocol extension) {
        return switch (extension) {
            case IPV6_HOP_BY_HOP -> IpProtocol.IPV6_HOP_BY_HOP;
            case IPV6_ROUTING -> IpProtocol.IPV6_ROUTING;
            case IPV6_FRAGMENT -> IpProtocol.IPV6_FRAGMENT;
            default -> IpProtocol.IPV6_DESTINATION_OPTIONS;
        };
    }
}

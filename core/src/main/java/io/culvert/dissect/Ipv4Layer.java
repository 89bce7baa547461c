package io.culvert.dissect;

import io.culvert.wire.HeaderOption;
import io.culvert.wire.InternetChecksum;
import io.culvert.wire.IpVersion;
import io.culvert.wire.Ipv4Header;

/** An IPv4 header with its options. */
final class Ipv4Layer {
    private static final String OPTION_SECTION = "RFC 791 §3.1";

    private Ipv4Layer() {}

    /** The header, or that of IPv6 which stands in its place. */
    static Protocol decode(Walk walk) {
        if (walk.readable() == 0 || IpVersion.of(walk.memory, walk.at) == IpVersion.IPV4) {
            return header(walk, walk.open(Protocol.IPV4));
        }
        return IpVersion.of(walk.memory, walk.at) == IpVersion.IPV6
                ? Ipv6Layers.header(
                        walk, walk.open(Protocol.IPV6).error("IPv6 where IPv4 was announced"))
                : neither(walk, Protocol.IPV4);
    }

    /** What begins with another nibble than 4 and 6 has no fields of an IP header. */
    static Protocol neither(Walk walk, Protocol announced) {
        int version = IpVersion.of(walk.memory, walk.at);
        return walk.open(announced)
                .error(
                        "no "
                                + announced.title()
                                + ", which was announced: the version is "
                                + version)
                .close(0, Protocol.DATA);
    }

    /** Of IPv4 in truth. */
    static Protocol header(Walk walk, OpenLayer layer) {
        layer.read(Ipv4Header.LAYOUT);
        Ipv4Header ip = new Ipv4Header().wrap(walk.memory, walk.at);
        if (walk.readable() < Ipv4Header.MIN_LENGTH) {
            if (walk.readable() >= Ipv4Header.LAYOUT.place("total-length").endByte()
                    && ip.totalLengthBytes() >= Ipv4Header.MIN_LENGTH) {
                walk.narrow(ip.totalLengthBytes());
            }
            return layer.closeCutShort(Ipv4Header.MIN_LENGTH);
        }
        int headerBytes = ip.headerLengthBytes();
        layer.meaning("header-length", Words.count(headerBytes, "byte"));
        if (ip.fragmentOffsetBytes() > 0) {
            layer.meaning("fragment-offset", Words.count(ip.fragmentOffsetBytes(), "byte"));
        }
        if (headerBytes < Ipv4Header.MIN_LENGTH) {
            layer.error("a header of " + headerBytes + " bytes is shorter than IPv4's 20");
            return layer.close(Ipv4Header.MIN_LENGTH, Protocol.DATA);
        }
        narrow(walk, layer, ip);
        if (walk.readable() < headerBytes) {
            return layer.closeCutShort(headerBytes);
        }
        options(walk, layer, headerBytes);
        ChecksumState checksum =
                ip.hasValidHeaderChecksum() ? ChecksumState.GOOD : ChecksumState.BAD;
        layer.checksum("header-checksum", checksum);
        if (ip.ttl() == 0) {
            layer.warning("TTL 0: no host may send this, and no router forwards it");
        }
        walk.ip = enclosing(walk, ip);
        Protocol next = Payloads.inIpv4(ip.protocol());
        if (ip.isFragment()) {
            walk.ip = walk.ip.withObstacle(ChecksumState.FRAGMENTED);
            if (ip.fragmentOffsetBytes() > 0) {
                layer.note("a fragment: its payload goes on from one before it");
                next = Protocol.DATA;
            } else {
                layer.note("the first fragment: its payload goes on in others");
            }
        }
        return layer.close(headerBytes, next);
    }

    /** Makes the walk end where the packet does, and says where the two lengths disagree. */
    private static void narrow(Walk walk, OpenLayer layer, Ipv4Header ip) {
        int total = ip.totalLengthBytes();
        int remaining = walk.remaining();
        boolean isInFragment = walk.ip.obstacle() == ChecksumState.FRAGMENTED;
        if (total == 0 && !walk.isQuoted()) {
            layer.note("total length 0: captured before the network card cut it into segments");
        } else if (total < ip.headerLengthBytes()) {
            layer.error("the total length " + total + " is shorter than the header");
        } else if (total > remaining) {
            if (walk.isQuoted() || isInFragment) {
                layer.note("only " + remaining + " of its " + total + " bytes are here");
            } else {
                layer.error("the total length is " + total + ", and " + remaining + " are there");
            }
        } else {
            noteTrailer(walk, layer, remaining - total);
            walk.narrow(total);
        }
    }

    /** Padding is ordinary on a link and odd in a tunnel. */
    static void noteTrailer(Walk walk, OpenLayer layer, int trailerBytes) {
        Layer around = walk.last();
        boolean isInTunnel = around != null && around.protocol() != Protocol.ETHERNET;
        if (trailerBytes > 0 && isInTunnel && around.protocol() != Protocol.VLAN) {
            layer.note(Words.count(trailerBytes, "byte") + " behind the end of the packet");
        }
    }

    private static Walk.Enclosing enclosing(Walk walk, Ipv4Header ip) {
        int addressSum = InternetChecksum.pseudoHeaderV4Sum(ip.source(), ip.destination(), 0, 0);
        boolean isWhole = ip.totalLengthBytes() <= walk.remaining() && ip.totalLengthBytes() > 0;
        return new Walk.Enclosing(IpVersion.IPV4, addressSum, true, walk.obstacle(isWhole));
    }

    private static void options(Walk walk, OpenLayer layer, int headerBytes) {
        HeaderOption option = new HeaderOption();
        int at = walk.at + Ipv4Header.MIN_LENGTH;
        int end = walk.at + headerBytes;
        while (at < end) {
            if (!option.wrap(walk.memory, at, false).isValid(end - at)) {
                layer.error("an option is longer than the header");
                return;
            }
            layer.text("option", name(option, walk), at, option.lengthBytes(), OPTION_SECTION);
            if (option.type() == HeaderOption.END) {
                return;
            }
            at += option.lengthBytes();
        }
    }

    private static String name(HeaderOption option, Walk walk) {
        String name =
                switch (option.type()) {
                    case HeaderOption.END -> "end of options";
                    case HeaderOption.NO_OPERATION -> "no operation";
                    case 7 -> "record route";
                    case 68 -> "timestamp";
                    case 130 -> "security";
                    case 131 -> "loose source route";
                    case 137 -> "strict source route";
                    case 148 -> "router alert";
                    default -> "option " + option.type();
                };
        int bytes = option.valueLengthBytes();
        return bytes == 0 ? name : name + " " + Words.bytes(walk.memory, option.valueAt(), bytes);
    }
}

package io.culvert.dissect;

import io.culvert.wire.HeaderLayout;
import io.culvert.wire.Icmpv4Message;
import io.culvert.wire.Icmpv6Message;
import io.culvert.wire.IpProtocol;

/** ICMP and ICMPv6 messages, and the packets that errors quote. */
final class IcmpLayers {
    private static final int WORD = 4;

    private IcmpLayers() {}

    static Protocol icmp(Walk walk) {
        OpenLayer layer = walk.open(Protocol.ICMP).read(Icmpv4Message.LAYOUT);
        Icmpv4Message icmp = new Icmpv4Message().wrap(walk.memory, walk.at);
        if (!icmp.isValid(walk.readable())) {
            return layer.closeCutShort(Icmpv4Message.HEADER_LENGTH);
        }
        layer.meaning("type", IcmpNames.type4(icmp.type()));
        layer.meaning("code", IcmpNames.code4(icmp.type(), icmp.code()));
        layer.read(layout4(icmp.type()), walk.at + WORD);
        layer.checksum("checksum", walk.checksumOver(walk.remaining(), 0));
        Protocol next = layer.close(Icmpv4Message.HEADER_LENGTH, Protocol.DATA);
        return icmp.isError() && next != null ? quote(walk, icmp.quoteWords() * 4) : next;
    }

    static Protocol icmpv6(Walk walk) {
        OpenLayer layer = walk.open(Protocol.ICMPV6).read(Icmpv6Message.LAYOUT);
        Icmpv6Message icmp = new Icmpv6Message().wrap(walk.memory, walk.at);
        if (!icmp.isValid(walk.readable())) {
            return layer.closeCutShort(Icmpv6Message.HEADER_LENGTH);
        }
        int type = icmp.type();
        layer.meaning("type", IcmpNames.type6(type));
        layer.meaning("code", IcmpNames.code6(type, icmp.code()));
        layer.checksum(
                "checksum",
                walk.transportChecksum(IpProtocol.ICMPV6, walk.remaining(), icmp.checksum()));
        HeaderLayout layout = layout6(type);
        layer.read(layout, walk.at + WORD);
        Protocol next = layer.close(WORD + layout.lengthBytes(), Protocol.DATA);
        boolean isError = Icmpv6Message.isErrorOrRedirect(type) && type != Icmpv6Message.REDIRECT;
        return isError && next != null ? quote(walk, icmp.quoteWords() * 8) : next;
    }

    /** The quoted packet, up to where RFC 4884's extensions begin when it has any. */
    private static Protocol quote(Walk walk, int lengthBytes) {
        if (lengthBytes > 0) {
            walk.narrow(lengthBytes);
        }
        walk.beginQuote();
        return LinkLayers.ip(walk);
    }

    private static HeaderLayout layout4(int type) {
        return switch (type) {
            case Icmpv4Message.ECHO_REQUEST, Icmpv4Message.ECHO_REPLY -> Icmpv4Message.ECHO_LAYOUT;
            case Icmpv4Message.DESTINATION_UNREACHABLE -> Icmpv4Message.UNREACHABLE_LAYOUT;
            case Icmpv4Message.TIME_EXCEEDED -> Icmpv4Message.TIME_EXCEEDED_LAYOUT;
            case Icmpv4Message.PARAMETER_PROBLEM -> Icmpv4Message.PARAMETER_PROBLEM_LAYOUT;
            case Icmpv4Message.REDIRECT -> Icmpv4Message.REDIRECT_LAYOUT;
            default -> Icmpv4Message.OTHER_LAYOUT;
        };
    }

    private static HeaderLayout layout6(int type) {
        return switch (type) {
            case Icmpv6Message.ECHO_REQUEST, Icmpv6Message.ECHO_REPLY -> Icmpv6Message.ECHO_LAYOUT;
            case Icmpv6Message.PACKET_TOO_BIG -> Icmpv6Message.PACKET_TOO_BIG_LAYOUT;
            case Icmpv6Message.PARAMETER_PROBLEM -> Icmpv6Message.PARAMETER_PROBLEM_LAYOUT;
            case Icmpv6Message.DESTINATION_UNREACHABLE, Icmpv6Message.TIME_EXCEEDED ->
                    Icmpv6Message.UNREACHABLE_LAYOUT;
            case Icmpv6Message.NEIGHBOR_SOLICITATION, Icmpv6Message.NEIGHBOR_ADVERTISEMENT ->
                    Icmpv6Message.NEIGHBOR_LAYOUT;
            default -> Icmpv6Message.OTHER_LAYOUT;
        };
    }
}

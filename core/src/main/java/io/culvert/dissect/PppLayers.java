package io.culvert.dissect;

import io.culvert.wire.PppHeader;
import io.culvert.wire.PptpHeader;

/** GRE version 1 as PPTP uses it, and the PPP frames inside. */
final class PppLayers {
    private PppLayers() {}

    static Protocol pptp(Walk walk) {
        OpenLayer layer = walk.open(Protocol.PPTP).read(PptpHeader.LAYOUT);
        PptpHeader pptp = new PptpHeader().wrap(walk.memory, walk.at);
        if (walk.readable() < PptpHeader.MIN_LENGTH) {
            return layer.closeCutShort(PptpHeader.MIN_LENGTH);
        }
        if (pptp.hasSequence()) {
            layer.read(PptpHeader.SEQUENCE_LAYOUT, pptp.sequenceAt());
        }
        if (pptp.hasAcknowledgment()) {
            layer.read(PptpHeader.ACKNOWLEDGMENT_LAYOUT, pptp.acknowledgmentAt());
        }
        if (!pptp.isValid(walk.readable())) {
            return layer.closeCutShort(pptp.lengthBytes());
        }
        int payloadBytes = pptp.payloadLengthBytes();
        if (!walk.narrow(pptp.lengthBytes() + payloadBytes)) {
            layer.lessThanSaid(payloadBytes, walk.remaining() - pptp.lengthBytes());
        }
        layer.close(pptp.lengthBytes(), null);
        return pptp.hasSequence() && walk.remaining() > 0 ? Protocol.PPP : walk.rest();
    }

    static Protocol ppp(Walk walk) {
        OpenLayer layer = walk.open(Protocol.PPP);
        PppHeader ppp = new PppHeader().wrap(walk.memory, walk.at, walk.readable());
        if (walk.readable() == 0) {
            return layer.closeCutShort(1);
        }
        if (ppp.hasAddressAndControl()) {
            layer.read(PppHeader.ADDRESS_LAYOUT);
        }
        if (!ppp.isValid()) {
            return layer.closeCutShort(walk.readable() + 1);
        }
        layer.read(
                ppp.hasShortProtocol()
                        ? PppHeader.SHORT_PROTOCOL_LAYOUT
                        : PppHeader.PROTOCOL_LAYOUT,
                ppp.protocolAt());
        layer.meaning("ppp-protocol", name(ppp.protocol()));
        Protocol next =
                switch (ppp.protocol()) {
                    case PppHeader.IPV4 -> Protocol.IPV4;
                    case PppHeader.IPV6 -> Protocol.IPV6;
                    default -> Protocol.DATA;
                };
        return layer.close(ppp.lengthBytes(), next);
    }

    private static String name(int protocol) {
        return switch (protocol) {
            case PppHeader.IPV4 -> "IPv4";
            case PppHeader.IPV6 -> "IPv6";
            case PppHeader.LCP -> "LCP";
            case PppHeader.PAP -> "PAP";
            case PppHeader.CHAP -> "CHAP";
            case PppHeader.IPCP -> "IPCP";
            case PppHeader.IPV6CP -> "IPv6CP";
            case PppHeader.CCP -> "CCP";
            case PppHeader.COMPRESSED -> "compressed";
            default -> "";
        };
    }
}

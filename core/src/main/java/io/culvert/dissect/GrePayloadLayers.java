package io.culvert.dissect;

import io.culvert.wire.CiscoMetadata;
import io.culvert.wire.EoipHeader;
import io.culvert.wire.ErspanHeader;
import io.culvert.wire.IpVersion;
import io.culvert.wire.NhrpHeader;
import io.culvert.wire.WccpRedirect;

/** The headers that stand only behind GRE, and EoIP, which is a GRE header of its own. */
final class GrePayloadLayers {
    private GrePayloadLayers() {}

    static Protocol eoip(Walk walk) {
        OpenLayer layer = walk.open(Protocol.EOIP).read(EoipHeader.LAYOUT);
        EoipHeader eoip = new EoipHeader().wrap(walk.memory, walk.at);
        if (walk.readable() < EoipHeader.LENGTH) {
            return layer.closeCutShort(EoipHeader.LENGTH);
        }
        int payloadBytes = eoip.payloadLengthBytes();
        layer.meaning("payload-length", eoip.isKeepalive() ? "a keepalive" : "");
        if (!walk.narrow(EoipHeader.LENGTH + payloadBytes)) {
            layer.lessThanSaid(payloadBytes, walk.remaining() - EoipHeader.LENGTH);
        }
        return layer.close(EoipHeader.LENGTH, eoip.isKeepalive() ? null : Protocol.ETHERNET);
    }

    static Protocol erspan(Walk walk) {
        OpenLayer layer = walk.open(Protocol.ERSPAN);
        ErspanHeader erspan = new ErspanHeader().wrap(walk.memory, walk.at);
        boolean isTypeIii = walk.readable() > 0 && erspan.version() == ErspanHeader.TYPE_III;
        layer.read(isTypeIii ? ErspanHeader.TYPE_III_LAYOUT : ErspanHeader.TYPE_II_LAYOUT);
        int leastBytes = isTypeIii ? ErspanHeader.TYPE_III_LENGTH : ErspanHeader.TYPE_II_LENGTH;
        if (walk.readable() < leastBytes) {
            return layer.closeCutShort(leastBytes);
        }
        if (!isTypeIii && erspan.version() != ErspanHeader.TYPE_II) {
            layer.error("ERSPAN version " + erspan.version() + " is neither type II nor III");
            return layer.close(0, Protocol.DATA);
        }
        layer.meaning("version", isTypeIii ? "type III" : "type II");
        if (isTypeIii) {
            layer.meaning("direction", erspan.isEgress() ? "egress" : "ingress");
            if (erspan.hasPlatformHeader()) {
                layer.read(ErspanHeader.PLATFORM_LAYOUT, walk.at + ErspanHeader.TYPE_III_LENGTH);
            }
        }
        if (!erspan.isValid(walk.readable())) {
            return layer.closeCutShort(erspan.lengthBytes());
        }
        return layer.close(erspan.lengthBytes(), Protocol.ETHERNET);
    }

    /** Version 2 puts four bytes before the packet, version 1 none; the first byte tells. */
    static Protocol wccp(Walk walk) {
        if (walk.readable() > 0 && IpVersion.of(walk.memory, walk.at) == IpVersion.IPV4) {
            return Protocol.IPV4;
        }
        OpenLayer layer = walk.open(Protocol.WCCP).read(WccpRedirect.LAYOUT);
        if (walk.readable() < WccpRedirect.LENGTH) {
            return layer.closeCutShort(WccpRedirect.LENGTH);
        }
        return layer.close(WccpRedirect.LENGTH, Protocol.IPV4);
    }

    static Protocol metadata(Walk walk) {
        OpenLayer layer = walk.open(Protocol.CISCO_METADATA).read(CiscoMetadata.LAYOUT);
        CiscoMetadata metadata = new CiscoMetadata().wrap(walk.memory, walk.at);
        if (!metadata.isValid(walk.readable())) {
            return layer.closeCutShort(CiscoMetadata.LENGTH);
        }
        Protocol next = Payloads.ofEtherType(metadata.protocolType());
        return layer.close(CiscoMetadata.LENGTH, next);
    }

    static Protocol nhrp(Walk walk) {
        OpenLayer layer = walk.open(Protocol.NHRP).read(NhrpHeader.LAYOUT);
        if (walk.readable() < NhrpHeader.LENGTH) {
            return layer.closeCutShort(NhrpHeader.LENGTH);
        }
        return layer.close(NhrpHeader.LENGTH, Protocol.DATA);
    }

    /** Inside of another GRE header it is on its way to be answered; alone it is the answer. */
    static Protocol keepalive(Walk walk) {
        long greHeaders =
                walk.all().stream().filter(layer -> layer.protocol() == Protocol.GRE).count();
        OpenLayer layer = walk.open(Protocol.KEEPALIVE);
        String role = greHeaders > 1 ? "request: the receiver sends what is inside back" : "reply";
        layer.text("role", role, walk.at, 0, "");
        int bytes = walk.remaining();
        if (bytes > 0) {
            layer.note("most keepalives are empty; this one has " + Words.count(bytes, "byte"));
        }
        return layer.close(0, walk.rest());
    }
}

package io.culvert.dissect;

import io.culvert.wire.ArpMessage;

/** An ARP message. */
final class ArpLayer {
    private ArpLayer() {}

    static Protocol decode(Walk walk) {
        OpenLayer layer = walk.open(Protocol.ARP).read(ArpMessage.LAYOUT);
        ArpMessage arp = new ArpMessage().wrap(walk.memory, walk.at);
        if (walk.readable() < ArpMessage.HEADER_LENGTH) {
            return layer.closeCutShort(ArpMessage.HEADER_LENGTH);
        }
        layer.meaning(
                "operation",
                switch (arp.operation()) {
                    case 1 -> "request";
                    case 2 -> "reply";
                    default -> "";
                });
        if (!arp.isMacAndIpv4()) {
            return layer.close(ArpMessage.HEADER_LENGTH, Protocol.DATA);
        }
        layer.read(ArpMessage.ADDRESSES_LAYOUT, arp.addressesAt());
        if (!arp.isValid(walk.readable())) {
            return layer.closeCutShort(ArpMessage.LENGTH);
        }
        walk.narrow(ArpMessage.LENGTH);
        return layer.close(ArpMessage.LENGTH, null);
    }
}

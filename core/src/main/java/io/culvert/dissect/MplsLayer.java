package io.culvert.dissect;

import io.culvert.wire.MplsLabel;

/** One label of an MPLS stack, and what a stack's last label carries. */
final class MplsLayer {
    private MplsLayer() {}

    static Protocol decode(Walk walk) {
        OpenLayer layer = walk.open(Protocol.MPLS).read(MplsLabel.LAYOUT);
        MplsLabel label = new MplsLabel().wrap(walk.memory, walk.at);
        if (!label.isValid(walk.readable())) {
            return layer.closeCutShort(MplsLabel.LENGTH);
        }
        layer.meaning("label", name(label.label()));
        if (!label.isBottomOfStack()) {
            return layer.close(MplsLabel.LENGTH, Protocol.MPLS);
        }
        layer.close(MplsLabel.LENGTH, null);
        // nothing in MPLS names the payload; routers, too, look at the first four bits
        return LinkLayers.ip(walk);
    }

    private static String name(int label) {
        return switch (label) {
            case 0 -> "IPv4 explicit null";
            case 1 -> "router alert";
            case 2 -> "IPv6 explicit null";
            case 3 -> "implicit null";
            default -> "";
        };
    }
}

package io.culvert.dissect;

import io.culvert.wire.GreRouteEntry;

/** The source route entries of RFC 1701, behind a GRE header with the routing bit. */
final class GreRouting {
    private static final int MOST_ENTRIES = 16;

    private GreRouting() {}

    /** Ends the GRE layer behind its entries, of which the last has length 0. */
    static Protocol close(Walk walk, OpenLayer layer, int headerBytes, Protocol payload) {
        GreRouteEntry entry = new GreRouteEntry();
        int limit = walk.readable();
        int length = headerBytes;
        for (int i = 0; i < MOST_ENTRIES; i++) {
            int at = walk.at + length;
            layer.read(GreRouteEntry.LAYOUT, at);
            if (!entry.wrap(walk.memory, at).isValid(limit - length)) {
                return layer.closeCutShort(Math.max(length + GreRouteEntry.MIN_LENGTH, limit + 1));
            }
            int routingBytes = entry.routingBytes();
            if (routingBytes > 0) {
                String route = Words.bytes(walk.memory, entry.routingAt(), routingBytes);
                layer.text("routing", route, entry.routingAt(), routingBytes, "RFC 1701");
            }
            length += entry.lengthBytes();
            if (routingBytes == 0) {
                return layer.close(length, payload);
            }
        }
        layer.note("more than " + MOST_ENTRIES + " source route entries follow");
        return layer.close(length, Protocol.DATA);
    }
}

package io.culvert.dissect;

/** The source route entries of RFC 1701. */
final class GreRouting {
    private GreRouting() {}

    static Protocol close(Walk walk, OpenLayer layer, int lengthBytes) {
        return layer.close(lengthBytes, Protocol.DATA);
    }
}

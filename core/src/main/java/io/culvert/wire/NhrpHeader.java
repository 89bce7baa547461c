package io.culvert.wire;

/**
 * The fixed part of an NHRP packet (RFC 2332 §5.2.0.1).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |        Address Family         |         Protocol Type         |
 * +-------------------------------+-------------------------------+
 * |        Protocol SNAP (40 bits)                                |
 * +---------------+---------------+-------------------------------+
 * |               |   Hop Count   |          Packet Size          |
 * +---------------+---------------+-------------------------------+
 * |           Checksum            |       Extension Offset        |
 * +---------------+---------------+---------------+---------------+
 * |    Version    |     Type      |  Source NBMA  | Source Subaddr|
 * +---------------+---------------+---------------+---------------+
 * </pre>
 */
public final class NhrpHeader {
    public static final int LENGTH = 20;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("RFC 2332 §5.2.0.1")
                    .number("address-family", 16)
                    .bits("protocol-type", 16)
                    .bits("protocol-snap", 40)
                    .number("hop-count", 8)
                    .number("packet-size", 16)
                    .bits("checksum", 16)
                    .number("extension-offset", 16)
                    .number("version", 8)
                    .number("type", 8)
                    .number("source-address-length", 8)
                    .number("source-subaddress-length", 8)
                    .build();

    private NhrpHeader() {}
}

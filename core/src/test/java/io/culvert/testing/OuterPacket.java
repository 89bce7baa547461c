package io.culvert.testing;

import java.nio.ByteBuffer;

/** Outer packets as a peer sends them, made without the code under test. */
public final class OuterPacket {
    private OuterPacket() {}

    /** From the peer of a tunnel of {@link Specs}, with this behind its IP header. */
    public static Ipv4Packet carrying(int protocol, byte[]... parts) {
        return new Ipv4Packet()
                .source(Specs.REMOTE)
                .destination(Specs.LOCAL)
                .protocol(protocol)
                .ttl(64)
                .payload(joined(parts));
    }

    /** A GRE packet; the checksum of the header given is as it stands there. */
    public static Ipv4Packet gre(String greHeaderHex, byte[] inner) {
        return carrying(47, Hex.bytes(greHeaderHex), inner);
    }

    /** A GRE packet whose header starts with flags 8..., and whose checksum is right. */
    public static Ipv4Packet greWithChecksum(String greHeaderHex, byte[] inner) {
        byte[] gre = joined(Hex.bytes(greHeaderHex), inner);
        ByteBuffer.wrap(gre).putShort(4, (short) 0).putShort(4, (short) NaiveChecksum.of(gre));
        return carrying(47, gre);
    }

    private static byte[] joined(byte[]... parts) {
        int bytes = 0;
        for (byte[] part : parts) {
            bytes += part.length;
        }
        ByteBuffer joined = ByteBuffer.allocate(bytes);
        for (byte[] part : parts) {
            joined.put(part);
        }
        return joined.array();
    }
}

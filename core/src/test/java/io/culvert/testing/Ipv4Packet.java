package io.culvert.testing;

import java.nio.ByteBuffer;
import java.util.Random;

/** An IPv4 packet to be made, field by field and without the code under test. */
public final class Ipv4Packet {
    private int tos;
    private int identification = 0x1234;
    private int flagsAndOffset;
    private int ttl = 61;
    private int protocol = 17;
    private int source = 0x0a09_0002;
    private int destination = 0x0a09_0001;
    private byte[] options = {};
    private byte[] payload = {};

    /** A packet of this many bytes in all, 20 or more, with a payload that differs byte by byte. */
    public static Ipv4Packet ofBytes(int totalBytes) {
        byte[] payload = new byte[totalBytes - 20];
        new Random(totalBytes).nextBytes(payload);
        return new Ipv4Packet().payload(payload);
    }

    public Ipv4Packet tos(int value) {
        tos = value;
        return this;
    }

    public Ipv4Packet identification(int value) {
        identification = value;
        return this;
    }

    public Ipv4Packet dontFragment() {
        flagsAndOffset |= 0x4000;
        return this;
    }

    public Ipv4Packet moreFragments() {
        flagsAndOffset |= 0x2000;
        return this;
    }

    public Ipv4Packet fragmentOffsetBytes(int value) {
        flagsAndOffset |= value / 8;
        return this;
    }

    public Ipv4Packet ttl(int value) {
        ttl = value;
        return this;
    }

    public Ipv4Packet protocol(int value) {
        protocol = value;
        return this;
    }

    public Ipv4Packet source(int value) {
        source = value;
        return this;
    }

    public Ipv4Packet destination(int value) {
        destination = value;
        return this;
    }

    /** Options, a multiple of four bytes. */
    public Ipv4Packet options(byte... value) {
        options = value;
        return this;
    }

    public Ipv4Packet payload(byte... value) {
        payload = value;
        return this;
    }

    /** The packet, its header checksum right. */
    public byte[] bytes() {
        int headerBytes = 20 + options.length;
        byte[] packet =
                ByteBuffer.allocate(headerBytes + payload.length)
                        .put((byte) (0x40 | headerBytes / 4))
                        .put((byte) tos)
                        .putShort((short) (headerBytes + payload.length))
                        .putShort((short) identification)
                        .putShort((short) flagsAndOffset)
                        .put((byte) ttl)
                        .put((byte) protocol)
                        .putShort((short) 0)
                        .putInt(source)
                        .putInt(destination)
                        .put(options)
                        .put(payload)
                        .array();
        return withHeaderChecksum(packet);
    }

    /** Puts the right header checksum into a packet that starts with an IPv4 header. */
    public static byte[] withHeaderChecksum(byte[] packet) {
        ByteBuffer bytes = ByteBuffer.wrap(packet).putShort(10, (short) 0);
        byte[] header = new byte[(packet[0] & 0x0f) * 4];
        bytes.get(0, header);
        bytes.putShort(10, (short) NaiveChecksum.of(header));
        return packet;
    }
}

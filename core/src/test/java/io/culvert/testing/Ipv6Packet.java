package io.culvert.testing;

import java.nio.ByteBuffer;
import java.util.Random;

/** An IPv6 packet to be made, field by field and without the code under test. */
public final class Ipv6Packet {
    private int trafficClass;
    private int nextHeader = 17;
    private int hopLimit = 59;
    private byte[] source = Hex.bytes("20010db8 00090000 00000000 00000002");
    private byte[] destination = Hex.bytes("20010db8 00090000 00000000 00000001");
    private byte[] payload = {};

    /** A packet of this many bytes in all, 40 or more, with a payload that differs byte by byte. */
    public static Ipv6Packet ofBytes(int totalBytes) {
        byte[] payload = new byte[totalBytes - 40];
        new Random(totalBytes).nextBytes(payload);
        return new Ipv6Packet().payload(payload);
    }

    public Ipv6Packet trafficClass(int value) {
        trafficClass = value;
        return this;
    }

    public Ipv6Packet nextHeader(int value) {
        nextHeader = value;
        return this;
    }

    public Ipv6Packet hopLimit(int value) {
        hopLimit = value;
        return this;
    }

    public Ipv6Packet source(String hex) {
        source = Hex.bytes(hex);
        return this;
    }

    public Ipv6Packet destination(String hex) {
        destination = Hex.bytes(hex);
        return this;
    }

    public Ipv6Packet payload(byte... value) {
        payload = value;
        return this;
    }

    public byte[] bytes() {
        return ByteBuffer.allocate(40 + payload.length)
                .putInt(6 << 28 | trafficClass << 20 | 0x94d52)
                .putShort((short) payload.length)
                .put((byte) nextHeader)
                .put((byte) hopLimit)
                .put(source)
                .put(destination)
                .put(payload)
                .array();
    }
}

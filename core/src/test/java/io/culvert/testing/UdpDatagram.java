package io.culvert.testing;

import java.nio.ByteBuffer;

/** A UDP datagram to be made without the code under test. */
public final class UdpDatagram {
    private int sourcePort = 5_004;
    private int destinationPort = 4_433;
    private byte[] payload = {};

    public UdpDatagram sourcePort(int value) {
        sourcePort = value;
        return this;
    }

    public UdpDatagram destinationPort(int value) {
        destinationPort = value;
        return this;
    }

    public UdpDatagram payload(byte... value) {
        payload = value;
        return this;
    }

    /** The whole packet, its checksums right. */
    public byte[] over(Ipv4Packet ip) {
        return TransportChecksum.complete(ip.protocol(17).payload(bytes()).bytes());
    }

    /** The whole packet, its checksum right. */
    public byte[] over(Ipv6Packet ip) {
        return TransportChecksum.complete(ip.nextHeader(17).payload(bytes()).bytes());
    }

    /** Header and payload, the checksum 0. */
    public byte[] bytes() {
        return ByteBuffer.allocate(8 + payload.length)
                .putShort((short) sourcePort)
                .putShort((short) destinationPort)
                .putShort((short) (8 + payload.length))
                .putShort((short) 0)
                .put(payload)
                .array();
    }
}

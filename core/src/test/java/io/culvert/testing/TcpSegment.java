package io.culvert.testing;

import java.nio.ByteBuffer;

/** A TCP segment to be made, field by field and without the code under test. */
public final class TcpSegment {
    public static final int FIN = 0x01;
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int URG = 0x20;
    public static final int ECE = 0x40;
    public static final int CWR = 0x80;

    private int sourcePort = 443;
    private int destinationPort = 50_123;
    private int sequence = 0x0102_0304;
    private int acknowledgment = 0x0a0b_0c0d;
    private int reserved;
    private int flags = ACK;
    private int window = 502;
    private int urgentPointer;
    private byte[] options = {};
    private byte[] payload = {};

    public TcpSegment sourcePort(int value) {
        sourcePort = value;
        return this;
    }

    public TcpSegment destinationPort(int value) {
        destinationPort = value;
        return this;
    }

    public TcpSegment sequence(int value) {
        sequence = value;
        return this;
    }

    public TcpSegment acknowledgment(int value) {
        acknowledgment = value;
        return this;
    }

    /** The four bits between data offset and CWR; the last is AE. */
    public TcpSegment reserved(int value) {
        reserved = value;
        return this;
    }

    public TcpSegment flags(int value) {
        flags = value;
        return this;
    }

    public TcpSegment window(int value) {
        window = value;
        return this;
    }

    public TcpSegment urgentPointer(int value) {
        urgentPointer = value;
        return this;
    }

    /** Options, a multiple of four bytes. */
    public TcpSegment options(byte... value) {
        options = value;
        return this;
    }

    /** No-operation twice and the timestamps of RFC 7323. */
    public TcpSegment timestamps(int value, int echoReply) {
        return options(
                ByteBuffer.allocate(12)
                        .putInt(0x0101_080a)
                        .putInt(value)
                        .putInt(echoReply)
                        .array());
    }

    public TcpSegment payload(byte... value) {
        payload = value;
        return this;
    }

    /** The whole packet, its checksums right. */
    public byte[] over(Ipv4Packet ip) {
        return TransportChecksum.complete(ip.protocol(6).payload(bytes()).bytes());
    }

    /** The whole packet, its checksum right. */
    public byte[] over(Ipv6Packet ip) {
        return TransportChecksum.complete(ip.nextHeader(6).payload(bytes()).bytes());
    }

    /** Header and payload, the checksum 0. */
    public byte[] bytes() {
        int headerBytes = 20 + options.length;
        return ByteBuffer.allocate(headerBytes + payload.length)
                .putShort((short) sourcePort)
                .putShort((short) destinationPort)
                .putInt(sequence)
                .putInt(acknowledgment)
                .put((byte) (headerBytes / 4 << 4 | reserved))
                .put((byte) flags)
                .putShort((short) window)
                .putShort((short) 0)
                .putShort((short) urgentPointer)
                .put(options)
                .put(payload)
                .array();
    }
}

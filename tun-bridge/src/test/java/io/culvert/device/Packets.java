package io.culvert.device;

import io.culvert.linux.NativeMemory;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketBatch;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Small packets for devices to carry, and batches with memory that system calls reach. */
final class Packets {
    static final int IPV4_HEADER_BYTES = 20;
    static final int IPV6_HEADER_BYTES = 40;
    static final int EXPERIMENTAL = 253; // RFC 3692
    static final int GRE = 47;
    static final int UDP = 17;
    static final int ICMP = 1;
    static final int ICMPV6 = 58;

    private Packets() {}

    static PacketBatch batch(int slots) {
        return batch(slots, 2048);
    }

    static PacketBatch batch(int slots, int slotBytes) {
        return new BatchPool(1, slots, slotBytes, NativeMemory::addressOf).acquire();
    }

    /** A packet with TTL 64 and DF; the kernel fills the checksum where it sends raw. */
    static byte[] ipv4(int protocol, String source, String destination, byte[] payload) {
        ByteBuffer packet = ByteBuffer.allocate(IPV4_HEADER_BYTES + payload.length);
        packet.put((byte) 0x45)
                .put((byte) 0)
                .putShort((short) packet.capacity())
                .putInt(0x1234_4000)
                .put((byte) 64)
                .put((byte) protocol)
                .putShort((short) 0)
                .put(address(source))
                .put(address(destination))
                .put(payload);
        return packet.putShort(10, checksum(packet, IPV4_HEADER_BYTES)).array();
    }

    static byte[] ipv4(int protocol, String source, String destination, String payload) {
        return ipv4(protocol, source, destination, payload.getBytes(StandardCharsets.US_ASCII));
    }

    /** A packet of class 0xb9, label 0x12345 and hop limit 33. */
    static byte[] ipv6(int nextHeader, String source, String destination, byte[] payload) {
        return ipv6(0x6b91_2345, 33, nextHeader, source, destination, payload);
    }

    static byte[] ipv6(int nextHeader, String source, String destination, String payload) {
        return ipv6(nextHeader, source, destination, payload.getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * @param firstWord version, traffic class and flow label
     */
    static byte[] ipv6(
            int firstWord,
            int hopLimit,
            int nextHeader,
            String source,
            String destination,
            byte[] payload) {
        return ByteBuffer.allocate(IPV6_HEADER_BYTES + payload.length)
                .putInt(firstWord)
                .putShort((short) payload.length)
                .put((byte) nextHeader)
                .put((byte) hopLimit)
                .put(address(source))
                .put(address(destination))
                .put(payload)
                .array();
    }

    /** An ICMPv6 error about {@code quoted}. */
    static byte[] icmpv6Error(
            int type, int code, int secondWord, String source, String destination, byte[] quoted) {
        int messageBytes = 8 + quoted.length;
        // RFC 8200 §8.1: the pseudo header is 40 bytes of addresses, length and protocol
        ByteBuffer summed = ByteBuffer.allocate(IPV6_HEADER_BYTES + messageBytes);
        summed.put(address(source)).put(address(destination)).putInt(messageBytes).putInt(ICMPV6);
        summed.put((byte) type).put((byte) code).putShort((short) 0).putInt(secondWord).put(quoted);
        summed.putShort(IPV6_HEADER_BYTES + 2, checksum(summed, summed.capacity()));
        byte[] message = new byte[messageBytes];
        summed.get(IPV6_HEADER_BYTES, message);
        return ipv6(ICMPV6, source, destination, message);
    }

    /** A UDP datagram without a UDP checksum, which IPv4 allows. */
    static byte[] udp(String source, String destination, int port, String payload) {
        byte[] text = payload.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer datagram = ByteBuffer.allocate(8 + text.length);
        datagram.putShort((short) 40_000)
                .putShort((short) port)
                .putShort((short) datagram.capacity())
                .putShort((short) 0)
                .put(text);
        return ipv4(UDP, source, destination, datagram.array());
    }

    /** An ICMP error about {@code quoted}, from one host of the loopback device to another. */
    static byte[] icmpError(
            int type, int code, int secondWord, String source, String destination, byte[] quoted) {
        ByteBuffer message = ByteBuffer.allocate(8 + quoted.length);
        message.put((byte) type).put((byte) code).putShort((short) 0).putInt(secondWord);
        message.put(quoted);
        message.putShort(2, checksum(message, message.capacity()));
        return ipv4(ICMP, source, destination, message.array());
    }

    static int append(PacketBatch batch, byte[] packet) {
        batch.memory().put(batch.nextPacketAt(), packet);
        return batch.append(packet.length);
    }

    static byte[] bytes(PacketBatch batch, int slot) {
        byte[] bytes = new byte[batch.lengthBytes(slot)];
        batch.memory().get(batch.start(slot), bytes);
        return bytes;
    }

    /** What follows an IPv4 header without options, as text. */
    static String payload(PacketBatch batch, int slot) {
        byte[] bytes = bytes(batch, slot);
        return new String(
                bytes,
                IPV4_HEADER_BYTES,
                bytes.length - IPV4_HEADER_BYTES,
                StandardCharsets.US_ASCII);
    }

    private static byte[] address(String text) {
        try {
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    /** RFC 1071, as plainly as it can be said. */
    static short checksum(ByteBuffer bytes, int lengthBytes) {
        int sum = 0;
        for (int i = 0; i < lengthBytes; i += 2) {
            int low = i + 1 < lengthBytes ? bytes.get(i + 1) & 0xff : 0;
            sum += (bytes.get(i) & 0xff) << 8 | low;
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (short) ~sum;
    }
}

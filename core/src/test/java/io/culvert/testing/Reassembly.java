package io.culvert.testing;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts IPv4 fragments together again, as the receiving host does (RFC 791 §3.2). */
public final class Reassembly {
    private Reassembly() {}

    /** The packets in the order of their first bytes; those that are whole as they are. */
    public static List<byte[]> of(List<byte[]> packets) {
        Map<String, List<byte[]>> datagrams = new LinkedHashMap<>();
        for (byte[] packet : packets) {
            String datagram = isFragment(packet) ? key(packet) : "whole " + datagrams.size();
            datagrams.computeIfAbsent(datagram, any -> new ArrayList<>()).add(packet);
        }
        return datagrams.values().stream().map(Reassembly::join).toList();
    }

    /** Whether the packet is an IPv4 fragment. */
    public static boolean isFragment(byte[] packet) {
        return packet[0] >> 4 == 4 && (ByteBuffer.wrap(packet).getShort(6) & 0x3fff) != 0;
    }

    /** Where the fragment's payload belongs. */
    public static int offsetBytes(byte[] fragment) {
        return (ByteBuffer.wrap(fragment).getShort(6) & 0x1fff) * 8;
    }

    private static String key(byte[] packet) {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        return bytes.getLong(12) + " " + packet[9] + " " + bytes.getShort(4);
    }

    private static byte[] join(List<byte[]> fragments) {
        if (fragments.size() == 1) {
            return fragments.get(0);
        }
        byte[] first =
                fragments.stream().filter(f -> offsetBytes(f) == 0).findFirst().orElseThrow();
        int headerBytes = headerBytes(first);
        int totalBytes = 0;
        for (byte[] fragment : fragments) {
            totalBytes = Math.max(totalBytes, headerBytes + end(fragment));
        }
        byte[] packet = Arrays.copyOf(first, totalBytes);
        int joinedBytes = 0;
        for (byte[] fragment : fragments) {
            int payloadBytes = fragment.length - headerBytes(fragment);
            int to = headerBytes + offsetBytes(fragment);
            System.arraycopy(fragment, headerBytes(fragment), packet, to, payloadBytes);
            joinedBytes += payloadBytes;
        }
        if (headerBytes + joinedBytes != totalBytes) {
            throw new AssertionError("fragments leave gaps or overlap");
        }
        packet[6] &= (byte) ~0x3f;
        packet[7] = 0;
        ByteBuffer.wrap(packet).putShort(2, (short) totalBytes);
        return Ipv4Packet.withHeaderChecksum(packet);
    }

    private static int headerBytes(byte[] packet) {
        return (packet[0] & 0x0f) * 4;
    }

    private static int end(byte[] fragment) {
        return offsetBytes(fragment) + fragment.length - headerBytes(fragment);
    }
}

package io.culvert.device;

import io.culvert.packet.PacketBatch;
import java.nio.ByteBuffer;

/**
 * Splits super-packets into segments and joins them again, in plain steps and by copying: what the
 * data path does must come to the same.
 */
final class HandSplitter {
    private static final int IPV6_HEADER_BYTES = 40;
    private static final int UDP_HEADER_BYTES = 8;
    private static final int TCP_FIN_AND_PSH = 0x09;
    private static final int TCP_CWR = 0x80;

    private final PacketBatch segments = Packets.batch(1024);

    /** Each super-packet as ordinary packets with checksums of their own. */
    PacketBatch split(PacketBatch batch) {
        segments.clear();
        for (int slot = 0; slot < batch.size(); slot++) {
            appendSegments(batch, slot);
        }
        return segments;
    }

    /** Each super-packet as a chain of its segments. */
    PacketBatch splitAndJoin(PacketBatch batch) {
        segments.clear();
        for (int slot = 0; slot < batch.size(); slot++) {
            int head = segments.size();
            byte[] whole = Packets.bytes(batch, slot);
            int headerBytes = appendSegments(batch, slot);
            if (batch.segmentBytes(slot) > 0) {
                // The head has the whole's header again, with its length and its partial checksum.
                segments.memory().put(segments.start(head), whole, 0, headerBytes);
                segments.segmentBytes(head, batch.segmentBytes(slot));
                for (int next = head + 1; next < segments.size(); next++) {
                    segments.join(next - 1, next, headerBytes);
                }
            }
        }
        return segments;
    }

    /** Returns the length of the headers. */
    private int appendSegments(PacketBatch batch, int slot) {
        byte[] whole = Packets.bytes(batch, slot);
        if (batch.segmentBytes(slot) == 0) {
            segments.tunnel(Packets.append(segments, whole), batch.tunnel(slot));
            return 0;
        }
        int headerBytes = transportAt(whole) + transportHeaderBytes(whole);
        for (int at = headerBytes, i = 0; at < whole.length; at += batch.segmentBytes(slot), i++) {
            int payload = Math.min(batch.segmentBytes(slot), whole.length - at);
            byte[] segment = new byte[headerBytes + payload];
            System.arraycopy(whole, 0, segment, 0, headerBytes);
            System.arraycopy(whole, at, segment, headerBytes, payload);
            finish(segment, i, at - headerBytes, at + payload == whole.length);
            segments.tunnel(Packets.append(segments, segment), batch.tunnel(slot));
        }
        return headerBytes;
    }

    private static void finish(byte[] bytes, int number, int offset, boolean isLast) {
        ByteBuffer packet = ByteBuffer.wrap(bytes);
        int transport = transportAt(bytes);
        int length = bytes.length - transport;
        if (isIpv4(bytes)) {
            packet.putShort(2, (short) bytes.length);
            packet.putShort(4, (short) (packet.getShort(4) + number)).putShort(10, (short) 0);
            packet.putShort(10, Packets.checksum(packet.slice(0, transport), transport));
        } else {
            packet.putShort(4, (short) length);
        }
        if (isTcp(bytes)) {
            packet.putInt(transport + 4, packet.getInt(transport + 4) + offset);
            int cleared = (isLast ? 0 : TCP_FIN_AND_PSH) | (number == 0 ? 0 : TCP_CWR);
            packet.put(transport + 13, (byte) (packet.get(transport + 13) & ~cleared));
        } else {
            packet.putShort(transport + 4, (short) length);
        }
        int checksumAt = transport + (isTcp(bytes) ? 16 : 6);
        packet.putShort(checksumAt, (short) 0);
        packet.putShort(checksumAt, (short) transportChecksum(bytes));
    }

    /** The checksum that belongs there if the field is zero, and zero if it is right. */
    static int transportChecksum(byte[] bytes) {
        int transport = transportAt(bytes);
        int length = bytes.length - transport;
        int addressesAt = isIpv4(bytes) ? 12 : 8;
        int addressBytes = isIpv4(bytes) ? 8 : 32;
        ByteBuffer covered = ByteBuffer.allocate(addressBytes + 8 + length);
        covered.put(bytes, addressesAt, addressBytes)
                .putInt(length)
                .putInt(protocol(bytes))
                .put(bytes, transport, length);
        return Packets.checksum(covered, covered.capacity()) & 0xffff;
    }

    private static boolean isIpv4(byte[] packet) {
        return packet[0] >>> 4 == 4;
    }

    private static int protocol(byte[] packet) {
        return packet[isIpv4(packet) ? 9 : 6];
    }

    private static boolean isTcp(byte[] packet) {
        return protocol(packet) == 6;
    }

    static int transportAt(byte[] packet) {
        return isIpv4(packet) ? (packet[0] & 15) * 4 : IPV6_HEADER_BYTES;
    }

    private static int transportHeaderBytes(byte[] packet) {
        return isTcp(packet) ? (packet[transportAt(packet) + 12] & 0xf0) >>> 2 : UDP_HEADER_BYTES;
    }
}

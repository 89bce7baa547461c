package io.culvert.offload;

import io.culvert.packet.PacketBatch;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.TransportChecksum;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Puts packets through the segmenter and the coalescer, bytes in and bytes out. */
final class Offloads {
    static final int TUNNEL = 3;
    static final int INNER_MTU = 1476;

    private Offloads() {}

    /** What leaves: a packet's bytes, and how large the segments are that it stands for. */
    record Delivered(byte[] bytes, int segmentBytes) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Delivered that
                    && Arrays.equals(bytes, that.bytes)
                    && segmentBytes == that.segmentBytes;
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return segmentBytes + " " + HexFormat.of().formatHex(bytes);
        }
    }

    /** A batch with these packets, of {@link #TUNNEL}. */
    static PacketBatch batchOf(List<byte[]> packets) {
        int largest = packets.stream().mapToInt(packet -> packet.length).reduce(1, Math::max);
        PacketBatch batch = PacketBatch.standalone(Math.max(packets.size(), 1), largest);
        for (byte[] packet : packets) {
            batch.memory().put(batch.nextPacketAt(), packet);
            batch.tunnel(batch.append(packet.length), TUNNEL);
        }
        return batch;
    }

    /** A batch with one super-packet. */
    static PacketBatch superPacket(byte[] packet, int segmentBytes) {
        PacketBatch batch = batchOf(List.of(packet));
        batch.segmentBytes(0, segmentBytes);
        return batch;
    }

    /** All segments of the batch's first packet, headers and tails put together. */
    static List<byte[]> split(PacketBatch source, int maxPacketBytes) {
        Segmenter segmenter = new Segmenter();
        List<byte[]> segments = new ArrayList<>();
        if (segmenter.start(source, 0, maxPacketBytes)) {
            while (segmenter.hasNext()) {
                PacketBatch target = PacketBatch.standalone(1, Segmenter.MAX_HEADER_BYTES);
                target.tailSource(source);
                segments.add(whole(target, segmenter.copyHeaderNext(target)));
            }
        }
        return segments;
    }

    /** A packet and its tail. */
    static byte[] whole(PacketBatch batch, int slot) {
        byte[] packet = new byte[batch.totalBytes(slot)];
        int own = batch.lengthBytes(slot);
        batch.memory().get(batch.start(slot), packet, 0, own);
        if (batch.tailBytes(slot) > 0) {
            batch.tailSource()
                    .memory()
                    .get(batch.tailStart(slot), packet, own, batch.tailBytes(slot));
        }
        return packet;
    }

    static List<Delivered> merge(List<byte[]> packets) {
        return merge(batchOf(packets), true);
    }

    /** Coalesces packets of a host that may have joined them; gathers what a device gets. */
    static List<Delivered> merge(PacketBatch batch, boolean takesUdp) {
        suspect(batch);
        new Coalescer(new HostMerges(() -> false))
                .coalesce(batch, TUNNEL, INNER_MTU, new DeviceOffload(false, true, takesUdp));
        return delivered(batch);
    }

    /** Marks packets as decapsulation does, but all of them. */
    static void suspect(PacketBatch batch) {
        for (int slot = 0; slot < batch.size(); slot++) {
            boolean isUntold = batch.tunnel(slot) == TUNNEL && batch.segmentBytes(slot) == 0;
            if (isUntold && batch.isLive(slot)) {
                batch.segmentBytes(slot, PacketBatch.SEGMENTS_UNKNOWN);
            }
        }
    }

    static List<Delivered> delivered(PacketBatch batch) {
        List<Delivered> delivered = new ArrayList<>();
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot)) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                bytes.writeBytes(whole(batch, slot));
                int next = batch.nextJoined(slot);
                while (next != PacketBatch.NONE) {
                    byte[] joined = whole(batch, next);
                    int headerBytes = batch.joinedHeaderBytes(next);
                    bytes.write(joined, headerBytes, joined.length - headerBytes);
                    next = batch.nextJoined(next);
                }
                delivered.add(new Delivered(bytes.toByteArray(), batch.segmentBytes(slot)));
            }
        }
        return delivered;
    }

    /** Room for a few segments, whose payload stays in the source. */
    static PacketBatch target(PacketBatch source) {
        PacketBatch target = PacketBatch.standalone(8, Segmenter.MAX_HEADER_BYTES);
        target.tailSource(source);
        return target;
    }

    /** A TCP super-packet as the kernel hands it over. */
    static byte[] superTcp(TcpSegment tcp) {
        return TransportChecksum.leavePartial(tcp.over(new Ipv4Packet()));
    }

    /** Bytes of no meaning, for each length the same. */
    static byte[] noise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(bytes).nextBytes(noise);
        return noise;
    }
}

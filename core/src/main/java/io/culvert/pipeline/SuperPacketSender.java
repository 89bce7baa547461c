package io.culvert.pipeline;

import io.culvert.offload.Segmenter;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketBatch.Replacement;
import io.culvert.tunnel.Encapsulator;

/**
 * Encapsulates a batch that has super-packets.
 *
 * <p>Every packet that fits goes, in order, into batches of small slots that hold its headers,
 * while its payload stays in the slot it was read into; a super-packet becomes as many as it has
 * segments. The ordinary ones go there, too, because the last packet of a burst follows a
 * super-packet of the same flow and must not overtake it. One instance per tunnel and lane, lane
 * thread.
 */
final class SuperPacketSender {
    private final Segmenter segmenter;
    private final Encapsulator encapsulator;
    private final ChannelOutlet segments;

    /**
     * @param segments takes the segments; its batches have slots for headers
     * @param isEthernet whether the packets are Ethernet frames
     */
    SuperPacketSender(ChannelOutlet segments, Encapsulator encapsulator, boolean isEthernet) {
        this.segmenter = new Segmenter(isEthernet);
        this.segments = segments;
        this.encapsulator = encapsulator;
    }

    /** Sends what becomes segments; what stays in the batch is encapsulated there. */
    void send(PacketBatch source, int outerMtu, long nowNanos) {
        int packetMtu = outerMtu - encapsulator.overheadBytes();
        for (int slot = 0, size = source.size(); slot < size; slot++) {
            if (!source.isLive(slot)) {
                continue;
            }
            if (source.segmentBytes(slot) == 0 && source.lengthBytes(slot) > packetMtu) {
                encapsulator.encapsulate(source, slot, outerMtu, nowNanos);
            } else if (!segmenter.start(source, slot, packetMtu)) {
                source.drop(slot, DropReason.PAYLOAD_MALFORMED);
            } else {
                sendSegments(source, slot, outerMtu, nowNanos);
            }
        }
        segments.flush();
    }

    private void sendSegments(PacketBatch source, int slot, int outerMtu, long nowNanos) {
        while (segmenter.hasNext()) {
            PacketBatch target = segments.batchWithRoom();
            if (target == null) {
                source.drop(slot, DropReason.SEGMENT_NO_ROOM);
                return;
            }
            if (target.tailSource() == null) {
                target.tailSource(source);
                target.readNanos(source.readNanos());
            }
            int segment = segmenter.copyHeaderNext(target);
            encapsulator.encapsulate(target, segment, outerMtu, nowNanos);
        }
        source.replace(slot, Replacement.SEGMENTS);
    }
}

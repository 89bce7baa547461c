package io.culvert.pipeline;

import io.culvert.offload.Segmenter;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketBatch.Replacement;

/**
 * Delivers a received batch that has super-packets to a device that does not take them.
 *
 * <p>All of the tunnel's packets go, in order, into other batches, each super-packet as the
 * segments that it was joined from: what follows it in its flow must not overtake it. Payload stays
 * where it is. One instance per lane, confined to its thread.
 */
final class SegmentDelivery {
    private final Segmenter segmenter;

    /**
     * @param isEthernet whether the packets are Ethernet frames
     */
    SegmentDelivery(boolean isEthernet) {
        segmenter = new Segmenter(isEthernet);
    }

    /**
     * Delivers the live packets of one tunnel; none stays live in the batch.
     *
     * @param segments the way to the tunnel's device
     */
    void deliver(PacketBatch source, int tunnel, ChannelOutlet segments) {
        for (int slot = 0, size = source.size(); slot < size; slot++) {
            if (source.tunnel(slot) != tunnel || !source.isLive(slot)) {
                continue;
            }
            if (segmenter.start(source, slot, Integer.MAX_VALUE)) {
                deliverSegments(source, slot, segments);
            } else {
                source.drop(slot, DropReason.HOST_JOINED);
            }
        }
        segments.flush();
    }

    private void deliverSegments(PacketBatch source, int slot, ChannelOutlet segments) {
        while (segmenter.hasNext()) {
            PacketBatch target = segments.batchWithRoom();
            if (target == null) {
                source.drop(slot, DropReason.HOST_JOINED);
                return;
            }
            if (target.tailSource() == null) {
                target.tailSource(source);
                target.readNanos(source.readNanos());
            }
            segmenter.copyHeaderNext(target);
        }
        source.replace(slot, Replacement.SEGMENTS);
    }
}

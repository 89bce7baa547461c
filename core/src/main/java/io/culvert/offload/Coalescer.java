package io.culvert.offload;

import io.culvert.packet.PacketBatch;

/**
 * Joins received packets of a flow into super-packets that a device takes by one write, as Linux's
 * generic receive offload does.
 *
 * <p>Works within one batch and keeps nothing for the next: no packet waits. A flow is never
 * reordered: a packet that does not continue its flow's run ends it, whatever it is. A packet whose
 * checksum is wrong is never joined and never changed; it is for the receiver to judge. One
 * instance per lane, confined to its thread; allocates nothing.
 *
 * <p>The head of a chain comes out with the IP length of the whole, the push flag of the last, the
 * pseudo header's sum for a checksum and {@link PacketBatch#segmentBytes} set. So does a packet
 * that the host joined before us, or that never had a checksum because it never left the host: see
 * {@link HostMerges}.
 */
public final class Coalescer {
    private final FlowTable flows = new FlowTable();
    private final Segment segment = new Segment();
    private final HostMerges merges;

    /**
     * @param merges what the host did to the lane's packets before
     */
    public Coalescer(HostMerges merges) {
        this.merges = merges;
    }

    /**
     * Joins what can be joined of one tunnel's live packets. Each starts with its inner IP header
     * and is as long as that says, or is a frame that ends where its IP packet does.
     *
     * @param innerMtu the device's MTU, which tells how large the segments were that the host
     *     joined
     * @param device what it takes
     */
    public void coalesce(PacketBatch batch, int tunnel, int innerMtu, DeviceOffload device) {
        segment.forget(device.isEthernet());
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            if (batch.tunnel(slot) == tunnel && batch.isLive(slot)) {
                switch (segment.read(batch, slot)) {
                    case PLAIN -> {
                        boolean isJoined = merges.mark(batch, slot, segment, innerMtu);
                        if (batch.isLive(slot) && (segment.isTcp || device.takesUdp())) {
                            accept(batch, slot, isJoined);
                        }
                    }
                    case WITH_OPTIONS -> {
                        merges.mark(batch, slot, segment, innerMtu);
                        flows.endAll();
                    }
                    case OPAQUE -> {
                        merges.leave(batch, slot);
                        flows.endAll();
                    }
                    case OTHER -> merges.leave(batch, slot); // of no flow that is joined
                }
            }
        }
        flows.finish(batch);
    }

    private void accept(PacketBatch batch, int slot, boolean isJoined) {
        Run run = flows.find(segment);
        if (isJoined || !segment.isJoinable()) {
            if (run != null) {
                run.end();
            }
        } else if (run == null || !run.isContinuedBy(segment)) {
            flows.start(batch, slot, segment);
        } else if (!segment.hasValidChecksums()) {
            run.end();
        } else if (run.hasValidHead()) {
            run.join(batch, slot, segment);
        } else {
            flows.start(batch, slot, segment);
        }
    }
}

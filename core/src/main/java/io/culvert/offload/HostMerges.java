package io.culvert.offload;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import java.util.function.BooleanSupplier;

/*
 * What Linux's generic receive offload leaves in a joined packet, seen on 6.18; the lengths in all
 * IP and UDP headers are those of the whole, and IP header checksums are right:
 *
 *   of                   ethtool -K                   TCP or UDP checksum
 *   TCP                  gro                          partial
 *   TCP                  rx-gro-list                  complete, of the first segment
 *   UDP in a tunnel      rx-udp-gro-forwarding,       partial
 *                        rx-gro-list
 *
 * A GRE checksum stays that of the first packet. A packet socket can be told the segments' size (struct
 * virtio_net_hdr); a raw socket cannot. For TCP any size is right that fits the device, for UDP only
 * the true one. A packet that never left its host, one of a container's for example, has a partial
 * checksum, too, and is one segment; a small one of UDP looks just like two that were joined. The
 * host's switches tell which it is, or datagrams that are too large not to be joined: they may have
 * been joined in another network namespace.
 */

/**
 * Recognises received packets that the host joined from several, or whose checksum it left to be
 * completed, and marks them by {@link PacketBatch#segmentBytes}. One instance per lane, confined to
 * its thread; allocates nothing.
 */
public final class HostMerges {
    /** Packets in a row without a merged one after which only some are looked at. */
    private static final int QUIET_PACKETS = 1 << 16;

    /** So many of each batch then: all that come one by one. */
    private static final int FEWEST_SUSPECTS = 4;

    private final Segment segment = new Segment();
    private final BooleanSupplier joinsDatagrams;
    private boolean hasSeenDatagramsJoined;
    private boolean keepsChecksums;
    private int quietPackets;

    /**
     * @param joinsDatagrams whether the host's switches are so that it joins datagrams; asked about
     *     each one that may be one or several, so it should remember for a while
     */
    public HostMerges(BooleanSupplier joinsDatagrams) {
        this.joinsDatagrams = joinsDatagrams;
    }

    /**
     * How many packets of a received batch, from its first on, may have a partial checksum and are
     * to be {@link PacketBatch#SEGMENTS_UNKNOWN} then. To look costs a packet 4 ns of 55 for all of
     * decapsulation: on a host that was never seen to do it, a busy lane looks at a sample.
     */
    public int suspects(int batchSize) {
        if (quietPackets >= QUIET_PACKETS) {
            return FEWEST_SUSPECTS;
        }
        quietPackets += batchSize;
        return batchSize;
    }

    /** Whether {@link #mark} has anything to do. */
    public boolean mayBeIn(PacketBatch batch) {
        return batch.hasSuperPackets() || keepsChecksums;
    }

    /**
     * Marks those of one tunnel's live packets, of which each starts with its inner IP header and
     * is as long as that says. Looks at what is {@link PacketBatch#SEGMENTS_UNKNOWN}; a size that
     * is there already is right.
     *
     * @param innerMtu the device's MTU, which tells how large segments may be; 0 when not known
     * @param device what it takes
     * @return whether there are super-packets that the device does not take
     */
    public boolean mark(PacketBatch batch, int tunnel, int innerMtu, DeviceOffload device) {
        boolean isToBeSplit = false;
        segment.forget(device.isEthernet());
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            if (batch.tunnel(slot) == tunnel
                    && batch.isLive(slot)
                    && (batch.segmentBytes(slot) != 0 || keepsChecksums)) {
                isToBeSplit |= isToBeSplit(batch, slot, innerMtu, device.takesTcp());
            }
        }
        return isToBeSplit;
    }

    private boolean isToBeSplit(PacketBatch batch, int slot, int innerMtu, boolean takesTcp) {
        boolean isJoined =
                switch (segment.read(batch, slot)) {
                    case PLAIN, WITH_OPTIONS -> mark(batch, slot, segment, innerMtu);
                    case OPAQUE, OTHER -> leave(batch, slot);
                };
        return batch.isLive(slot)
                && (takesTcp ? isJoined && !segment.isTcp : batch.segmentBytes(slot) > 0);
    }

    /**
     * Marks a packet, or drops it when it is of several datagrams and their size is not known.
     *
     * @param segment its headers
     * @return whether it is more than one segment
     */
    boolean mark(PacketBatch batch, int slot, Segment segment, int innerMtu) {
        int told = batch.segmentBytes(slot);
        if (told > 0) {
            quietPackets = 0;
            segment.leavePartial();
            return segment.payloadBytes > told;
        }
        int roomBytes = innerMtu - segment.headerBytes;
        boolean isLarge = roomBytes > 0 && segment.payloadBytes > roomBytes;
        if (told == PacketBatch.SEGMENTS_UNKNOWN && segment.isPartial()) {
            return markPartial(batch, slot, segment, isLarge ? roomBytes : 0);
        }
        boolean mayBeList = segment.isTcp && (isLarge || keepsChecksums);
        int mostBytes = isLarge ? roomBytes : Short.MAX_VALUE;
        return mayBeList && markByChecksum(batch, slot, segment, mostBytes) || leave(batch, slot);
    }

    /** Says that a packet is an ordinary one. */
    boolean leave(PacketBatch batch, int slot) {
        if (batch.segmentBytes(slot) == PacketBatch.SEGMENTS_UNKNOWN) {
            batch.segmentBytes(slot, 0);
        }
        return false;
    }

    /**
     * @param roomBytes for a segment's payload, when the packet's is larger; otherwise 0
     */
    private boolean markPartial(PacketBatch batch, int slot, Segment segment, int roomBytes) {
        quietPackets = 0;
        boolean isLarge = roomBytes > 0;
        if (segment.isTcp && isLarge) {
            batch.segmentBytes(slot, roomBytes);
            return true;
        }
        hasSeenDatagramsJoined |= isLarge;
        if (!segment.isTcp && (hasSeenDatagramsJoined || joinsDatagrams.getAsBoolean())) {
            batch.drop(slot, DropReason.HOST_JOINED);
            return false;
        }
        batch.segmentBytes(slot, PacketBatch.ONE_SEGMENT);
        return false;
    }

    private boolean markByChecksum(PacketBatch batch, int slot, Segment segment, int mostBytes) {
        if (segment.hasValidTransportChecksum()) {
            return false;
        }
        int segmentBytes = segment.firstSegmentBytes(mostBytes);
        if (segmentBytes == 0) {
            return false;
        }
        keepsChecksums = true;
        segment.leavePartial();
        batch.segmentBytes(slot, segmentBytes);
        return true;
    }
}

package io.culvert.control;

import io.culvert.packet.DropReason;

import java.util.Map;

/**
 * What one tunnel did. Bytes are those of inner packets, as the kernel counts a tunnel device's.
 *
 * @param name the device's name
 * @param receivedPackets packets from the wire that were handed to the device
 * @param receivedBytes their inner bytes
 * @param sentPackets packets of the device that were sent to the wire
 * @param sentBytes their inner bytes
 * @param fragmentsMade outer fragments that oversized packets were sent as
 * @param drops packets that ended here, by reason; a reason that did not occur may be absent
 */
public record TunnelCounts(
        String name,
        long receivedPackets,
        long receivedBytes,
        long sentPackets,
        long sentBytes,
        long fragmentsMade,
        Map<DropReason, Long> drops) {

    /** Copies the drops. */
    public TunnelCounts {
        drops = Map.copyOf(drops);
    }
}

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
 * @param icmpErrorsWritten ICMP errors that were written to the senders of inner packets
 * @param icmpErrorsReceived ICMP errors that came about outer packets
 * @param lastIcmpError the last of those in words, such as {@code port unreachable (3/3) from
 *     192.0.2.2}; empty when there was none
 * @param keepalives what its keepalives did
 * @param drops packets that ended here, by reason; a reason that did not occur may be absent
 */
public record TunnelCounts(
        String name,
        long receivedPackets,
        long receivedBytes,
        long sentPackets,
        long sentBytes,
        long fragmentsMade,
        long icmpErrorsWritten,
        long icmpErrorsReceived,
        String lastIcmpError,
        KeepaliveCounts keepalives,
        Map<DropReason, Long> drops) {

    /** Copies the drops. */
    public TunnelCounts {
        drops = Map.copyOf(drops);
    }
}

package io.culvert.control;

import io.culvert.packet.DropReason;
import java.util.Map;

/**
 * What one lane's sockets saw before a tunnel was found.
 *
 * @param index the lane, from 0
 * @param receivedPackets outer packets that were read from the wire, for whichever tunnel or none
 * @param missedPackets packets that the kernel dropped because a socket's buffer was full; they are
 *     not in {@code receivedPackets}
 * @param drops packets that belong to no tunnel, by reason; a reason that did not occur may be
 *     absent
 */
public record LaneCounts(
        int index, long receivedPackets, long missedPackets, Map<DropReason, Long> drops) {

    /** Copies the drops. */
    public LaneCounts {
        drops = Map.copyOf(drops);
    }
}

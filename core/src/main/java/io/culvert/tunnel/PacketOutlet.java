package io.culvert.tunnel;

import io.culvert.packet.PacketBatch;

/**
 * Where packets go that come into being beside a batch: fragments towards the wire, ICMP errors
 * towards the device.
 */
@FunctionalInterface
public interface PacketOutlet {
    /** Takes nothing: every packet that would be made is lost, and its cause counted. */
    PacketOutlet CLOSED = () -> null;

    /**
     * A batch that is not full, for one packet to be appended to; it stays the outlet's own.
     *
     * @return null when there is none: the caller counts what it could not place
     */
    PacketBatch batchWithRoom();
}

package io.culvert.device;

import io.culvert.linux.IncomingMessages;
import io.culvert.linux.OutgoingMessages;
import io.culvert.packet.PacketBatch;

/**
 * How packets cross over between batches and a {@link RawIpSocket}: what the two versions of IP do
 * differently. Confined to the socket's thread.
 */
abstract class RawIpMessages {
    private final IncomingMessages incoming;
    private final OutgoingMessages outgoing;

    RawIpMessages(IncomingMessages incoming, OutgoingMessages outgoing) {
        this.incoming = incoming;
        this.outgoing = outgoing;
    }

    /** What a {@code recvmmsg} fills. */
    final IncomingMessages incoming() {
        return incoming;
    }

    /** What a {@code sendmmsg} reads. */
    final OutgoingMessages outgoing() {
        return outgoing;
    }

    /**
     * Takes the batch's next slot for the packet that was received into it, which then begins with
     * its outer header. Called once for each message, in order.
     *
     * @param message its index, and that of the slot
     */
    abstract void append(PacketBatch batch, int message);

    /**
     * Describes a message that sends a packet, without its tail, to where its header says.
     *
     * @param message its index
     * @param packetAddress native address of the packet's first byte
     * @param interfaceIndex the interface that it must leave by, 0 to let the routes say
     */
    abstract void put(
            int message, PacketBatch batch, int slot, long packetAddress, int interfaceIndex);
}

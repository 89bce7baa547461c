package io.culvert.tunnel;

import io.culvert.packet.PacketBatch;

/**
 * Takes the keepalives out of what a tunnel receives: they are the tunnel's own and not for its
 * device. Called on the lane's thread.
 */
public interface KeepaliveReceiver {
    /**
     * Whether this is an answer that the tunnel waits for: a GRE packet of protocol type 0 from the
     * peer.
     *
     * @param number the packet's identification, which the request chose
     * @param nowNanos when it was read
     */
    boolean takeAnswer(int number, long nowNanos);

    /**
     * Looks at a packet that the tunnel has decapsulated, and ends its way in the batch if it is a
     * keepalive.
     *
     * @param outerSource the peer's address as it stood in the outer IPv4 header; of no meaning in
     *     IPv6, where only echoes are taken, as the two are for them
     * @param outerDestination our address as the peer's packet reached it
     */
    void takeDecapsulated(PacketBatch batch, int slot, int outerSource, int outerDestination);
}

package io.culvert.tunnel;

import io.culvert.packet.PacketBatch;
import java.nio.ByteBuffer;

/**
 * A keepalive for tunnels that have none of their own: an echo request from our address inside the
 * tunnel to the peer's, which any host answers.
 *
 * <p>Its answer is known by identifier and data, which hold a number drawn at the start, so that
 * the answers to somebody's {@code ping} are never taken for ours. Confined to the lane's thread.
 */
public interface EchoProbe extends KeepaliveProbe {
    /** Bytes of data behind the echo's header: the number drawn. */
    int DATA_BYTES = 8;

    /** The protocol number, or next header, of the echoes. */
    int protocol();

    /**
     * Whether a decapsulated packet is the answer to one of our requests.
     *
     * @param lengthBytes of the packet, whose header is valid
     * @return the request's number, or -1
     */
    int answeredNumber(ByteBuffer memory, int at, int lengthBytes);

    /** Whether a decapsulated packet is an echo request from the peer's address to ours. */
    boolean isPeersRequest(ByteBuffer memory, int at, int lengthBytes);

    /** Appends the reply to a peer's request to a batch that has room, to be encapsulated. */
    void copyReply(PacketBatch request, int slot, PacketBatch to);
}

package io.culvert.control;

import io.culvert.tunnel.PeerHealth;

/**
 * What one tunnel's keepalives did.
 *
 * @param sent our keepalives that were sent
 * @param received packets from the wire that the tunnel itself took: the peer's keepalives, and
 *     answers to ours
 * @param answersSent answers to the peer's keepalives that were sent
 * @param peer what ours say about the peer; null when the tunnel sends none
 */
public record KeepaliveCounts(long sent, long received, long answersSent, PeerHealth peer) {
    /** A tunnel without keepalives. */
    public static final KeepaliveCounts NONE = new KeepaliveCounts(0, 0, 0, null);
}

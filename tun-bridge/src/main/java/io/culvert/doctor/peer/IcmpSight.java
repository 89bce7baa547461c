package io.culvert.doctor.peer;

/**
 * An ICMP error about an outer packet.
 *
 * @param isOutgoing whether this host sent it
 * @param from IPv4 address bits of who sent it
 * @param type ICMP type
 * @param code ICMP code
 * @param nextHopMtu of fragmentation needed, in bytes; 0 for others
 * @param quotedProtocol IP protocol of the packet that it is about
 * @param quotedSource that packet's source
 * @param quotedDestination that packet's destination
 * @param inner the beginning of the packet inside; {@code null} when it is not quoted so far
 */
record IcmpSight(
        boolean isOutgoing,
        int from,
        int type,
        int code,
        int nextHopMtu,
        int quotedProtocol,
        int quotedSource,
        int quotedDestination,
        Inner inner) {

    /**
     * A packet inside a tunnel.
     *
     * @param ttl or hop limit
     * @param protocol IP protocol number, for IPv6 that of the first header
     * @param isMulticast whether its destination is a group
     * @param destination as text
     */
    record Inner(int ttl, int protocol, boolean isMulticast, String destination) {}
}

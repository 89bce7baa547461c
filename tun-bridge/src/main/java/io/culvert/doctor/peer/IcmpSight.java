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
 */
record IcmpSight(
        boolean isOutgoing,
        int from,
        int type,
        int code,
        int nextHopMtu,
        int quotedProtocol,
        int quotedSource,
        int quotedDestination) {}

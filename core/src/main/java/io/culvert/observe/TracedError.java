package io.culvert.observe;

import java.net.InetAddress;

/**
 * What a trace tells of an error about an outer packet.
 *
 * @param isLocal whether this host refused the packet, without any ICMP
 * @param errno the system's error number for it
 * @param type ICMP type; 0 when local
 * @param code ICMP code; 0 when local
 * @param infoMtu the MTU that the next hop allows, in bytes; 0 when the error tells none
 * @param offender who sent the error; null when local or unknown
 */
public record TracedError(
        boolean isLocal, int errno, int type, int code, int infoMtu, InetAddress offender) {}

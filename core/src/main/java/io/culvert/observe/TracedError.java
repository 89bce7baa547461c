package io.culvert.observe;

/**
 * What a trace tells of an error about an outer packet.
 *
 * @param isLocal whether this host refused the packet, without any ICMP
 * @param errno the system's error number for it
 * @param type ICMP type; 0 when local
 * @param code ICMP code; 0 when local
 * @param infoMtu the MTU that the next hop allows, in bytes; 0 when the error tells none
 * @param offenderIpv4 who sent the error; 0 when local or unknown
 */
public record TracedError(
        boolean isLocal, int errno, int type, int code, int infoMtu, int offenderIpv4) {}

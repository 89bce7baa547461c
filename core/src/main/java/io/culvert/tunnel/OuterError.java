package io.culvert.tunnel;

import java.nio.ByteBuffer;

/**
 * An ICMP error, or the host's own refusal, about an outer packet that we sent.
 *
 * @param isLocal whether this host refused it, without any ICMP
 * @param errno the system's error number for it
 * @param type ICMP type; 0 when local
 * @param code ICMP code; 0 when local
 * @param infoMtu the MTU that the next hop allows, in bytes; 0 when the error tells none
 * @param offenderIpv4 the address of the node that sent the error; 0 when local or unknown
 * @param quoted the outer packet from its IP header on, as much of it as was quoted; big-endian,
 *     from index 0 to its limit, owned by the receiver of this record
 */
public record OuterError(
        boolean isLocal,
        int errno,
        int type,
        int code,
        int infoMtu,
        int offenderIpv4,
        ByteBuffer quoted) {}

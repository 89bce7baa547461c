package io.culvert.tunnel;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * An ICMP or ICMPv6 error, or the host's own refusal, about an outer packet that we sent.
 *
 * @param kind what it says, whichever protocol says it
 * @param isLocal whether this host refused it, without any ICMP
 * @param errno the system's error number for it
 * @param type type of the ICMP or ICMPv6 message, to display; 0 when local
 * @param code its code, to display; 0 when local
 * @param infoMtu the MTU that the next hop allows, in bytes; 0 when the error tells none
 * @param offender the address of the node that sent the error, of the outer packet's version of IP;
 *     null when local or unknown
 * @param quoted the outer packet from its IP header on, as much of it as was quoted; big-endian,
 *     from index 0 to its limit, owned by the receiver of this record
 */
public record OuterError(
        OuterErrorKind kind,
        boolean isLocal,
        int errno,
        int type,
        int code,
        int infoMtu,
        InetAddress offender,
        ByteBuffer quoted) {

    /**
     * This host's own refusal.
     *
     * @param infoMtu the MTU that the packet exceeds, in bytes; 0 when it was refused for another
     *     reason
     */
    public static OuterError refusal(int errno, int infoMtu, ByteBuffer quoted) {
        OuterErrorKind kind = infoMtu == 0 ? OuterErrorKind.OTHER : OuterErrorKind.TOO_BIG;
        return new OuterError(kind, true, errno, 0, 0, infoMtu, null, quoted);
    }

    /**
     * An ICMP error.
     *
     * @param info the message's MTU; what other messages have in its place is not looked at
     */
    public static OuterError icmpv4(
            int errno, int type, int code, int info, InetAddress offender, ByteBuffer quoted) {
        OuterErrorKind kind = OuterErrorKind.ofIcmpv4(type, code);
        return icmp(kind, errno, type, code, info, offender, quoted);
    }

    /**
     * An ICMPv6 error.
     *
     * @param info the message's MTU; what other messages have in its place is not looked at
     */
    public static OuterError icmpv6(
            int errno, int type, int code, int info, InetAddress offender, ByteBuffer quoted) {
        OuterErrorKind kind = OuterErrorKind.ofIcmpv6(type, code);
        int mtu = info < 0 ? Integer.MAX_VALUE : info; // 32 bits, unsigned
        return icmp(kind, errno, type, code, mtu, offender, quoted);
    }

    private static OuterError icmp(
            OuterErrorKind kind,
            int errno,
            int type,
            int code,
            int info,
            InetAddress offender,
            ByteBuffer quoted) {
        int infoMtu = kind == OuterErrorKind.TOO_BIG ? info : 0;
        return new OuterError(kind, false, errno, type, code, infoMtu, offender, quoted);
    }
}

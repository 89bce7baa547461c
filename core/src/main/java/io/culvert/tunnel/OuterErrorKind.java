package io.culvert.tunnel;

import io.culvert.wire.Icmpv4Message;
import io.culvert.wire.Icmpv6Message;

/** What an error about an outer packet says, in ICMP (RFC 792) and in ICMPv6 (RFC 4443). */
public enum OuterErrorKind {
    /** Larger than a link on the way takes; the error mostly tells that link's MTU. */
    TOO_BIG,
    /** A router has no route to the remote. */
    NETWORK_UNREACHABLE,
    /** The last router gets no answer from the remote on its link. */
    HOST_UNREACHABLE,
    /** A filter or a policy on the way rejects the packet. */
    PROHIBITED,
    /** Unreachable for another reason. */
    UNREACHABLE,
    /** The remote takes the protocol, and nobody there is for this packet. */
    PORT_UNREACHABLE,
    /** The remote does not take the protocol. */
    PROTOCOL_UNREACHABLE,
    /** Its TTL or hop limit ended on the way. */
    TIME_EXCEEDED,
    /** Some of its fragments did not reach the remote in time. */
    REASSEMBLY_TIME_EXCEEDED,
    /** A header is wrong in the eyes of who sent the error. */
    PARAMETER_PROBLEM,
    /** A source route in the packet cannot be followed. */
    SOURCE_ROUTE_FAILED,
    /** Anything else, and this host's refusals for another reason than the size. */
    OTHER;

    /** What an ICMP error says. */
    static OuterErrorKind ofIcmpv4(int type, int code) {
        return switch (type) {
            case Icmpv4Message.DESTINATION_UNREACHABLE -> ofUnreachable4(code);
            case Icmpv4Message.TIME_EXCEEDED ->
                    code == Icmpv4Message.TTL_EXCEEDED_IN_TRANSIT
                            ? TIME_EXCEEDED
                            : REASSEMBLY_TIME_EXCEEDED;
            case Icmpv4Message.PARAMETER_PROBLEM -> PARAMETER_PROBLEM;
            default -> OTHER;
        };
    }

    private static OuterErrorKind ofUnreachable4(int code) {
        return switch (code) {
            case Icmpv4Message.NET_UNREACHABLE -> NETWORK_UNREACHABLE;
            case Icmpv4Message.HOST_UNREACHABLE -> HOST_UNREACHABLE;
            case Icmpv4Message.PROTOCOL_UNREACHABLE -> PROTOCOL_UNREACHABLE;
            case Icmpv4Message.PORT_UNREACHABLE -> PORT_UNREACHABLE;
            case Icmpv4Message.FRAGMENTATION_NEEDED -> TOO_BIG;
            case Icmpv4Message.SOURCE_ROUTE_FAILED -> SOURCE_ROUTE_FAILED;
            case Icmpv4Message.ADMINISTRATIVELY_PROHIBITED -> PROHIBITED;
            default -> UNREACHABLE;
        };
    }

    /** What an ICMPv6 error says. */
    static OuterErrorKind ofIcmpv6(int type, int code) {
        return switch (type) {
            case Icmpv6Message.PACKET_TOO_BIG -> TOO_BIG;
            case Icmpv6Message.DESTINATION_UNREACHABLE -> ofUnreachable6(code);
            case Icmpv6Message.TIME_EXCEEDED ->
                    code == Icmpv6Message.HOP_LIMIT_EXCEEDED_IN_TRANSIT
                            ? TIME_EXCEEDED
                            : REASSEMBLY_TIME_EXCEEDED;
            case Icmpv6Message.PARAMETER_PROBLEM ->
                    code == Icmpv6Message.UNRECOGNIZED_NEXT_HEADER
                            ? PROTOCOL_UNREACHABLE
                            : PARAMETER_PROBLEM;
            default -> OTHER;
        };
    }

    private static OuterErrorKind ofUnreachable6(int code) {
        return switch (code) {
            case Icmpv6Message.NO_ROUTE -> NETWORK_UNREACHABLE;
            case Icmpv6Message.ADDRESS_UNREACHABLE -> HOST_UNREACHABLE;
            case Icmpv6Message.PORT_UNREACHABLE -> PORT_UNREACHABLE;
            case Icmpv6Message.ADMINISTRATIVELY_PROHIBITED,
                    Icmpv6Message.SOURCE_FAILED_POLICY,
                    Icmpv6Message.REJECT_ROUTE ->
                    PROHIBITED;
            case Icmpv6Message.SOURCE_ROUTING_HEADER -> SOURCE_ROUTE_FAILED;
            default -> UNREACHABLE;
        };
    }
}

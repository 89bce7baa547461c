package io.culvert.packet;

/**
 * Why a packet ended its way. The one list that names counters, trace verdicts and metrics.
 *
 * <p>Where Linux counts the same event, the description names the kernel's counter; where Linux
 * drops silently, we still count.
 */
public enum DropReason {
    // outer -> inner: the outer packet
    OUTER_MALFORMED(Direction.RECEIVE, "outer IP header is cut short or inconsistent"),
    OUTER_NOT_UNICAST(Direction.RECEIVE, "outer destination is multicast or broadcast"),
    GRE_TRUNCATED(Direction.RECEIVE, "GRE header or its payload is cut short"),
    GRE_VERSION(Direction.RECEIVE, "GRE version is not 0 (1 is PPTP or EoIP)"),
    GRE_ROUTING(Direction.RECEIVE, "GRE routing bit is set (RFC 1701 source route)"),
    GRE_RESERVED_FLAGS(Direction.RECEIVE, "GRE reserved flag bits are set"),
    GRE_CHECKSUM(Direction.RECEIVE, "GRE checksum is wrong"),
    // outer -> inner: which tunnel
    NO_TUNNEL(Direction.RECEIVE, "no tunnel has these outer addresses"),
    TUNNEL_DOWN(Direction.RECEIVE, "the tunnel's device is down"),
    OTHER_LINK(Direction.RECEIVE, "came by another device than the tunnel is bound to (dev)"),
    KEY_MISSING(Direction.RECEIVE, "the packet has no key, the tunnel expects one"),
    KEY_UNEXPECTED(Direction.RECEIVE, "the packet has a key, the tunnel expects none"),
    KEY_MISMATCH(Direction.RECEIVE, "the packet's key is not the tunnel's"),
    // outer -> inner: what the tunnel asks for
    CHECKSUM_MISSING(Direction.RECEIVE, "no GRE checksum, the tunnel asks for one (icsum)"),
    CHECKSUM_UNEXPECTED(Direction.RECEIVE, "a GRE checksum, the tunnel expects none (no icsum)"),
    SEQUENCE_MISSING(Direction.RECEIVE, "no sequence number, the tunnel asks for one (iseq)"),
    SEQUENCE_OLD(Direction.RECEIVE, "sequence number is a duplicate or late (iseq)"),
    PROTOCOL_UNKNOWN(Direction.RECEIVE, "the payload's protocol is none that the tunnel carries"),
    // outer -> inner: the inner packet
    INNER_TRUNCATED(Direction.RECEIVE, "inner packet is shorter than its own length says"),
    INNER_VERSION(Direction.RECEIVE, "inner packet is not of the IP version that was announced"),
    INNER_MALFORMED(Direction.RECEIVE, "inner IP header is inconsistent"),
    ECN_CE_ON_NOT_ECT(
            Direction.RECEIVE, "outer says congestion, inner cannot carry it (RFC 6040 4.2)"),
    HOST_JOINED(
            Direction.RECEIVE,
            "this host joined packets on their way in that cannot be parted again"),
    KEEPALIVE_FLOOD(Direction.RECEIVE, "the peer sends more keepalives than are answered"),
    // outer -> inner: the device
    DEVICE_DOWN(Direction.RECEIVE, "the device was down when the packet was to be delivered"),
    DEVICE_GONE(Direction.RECEIVE, "the device was deleted"),
    DEVICE_REFUSED(Direction.RECEIVE, "the device refused the packet"),
    HOST_DROPPED(
            Direction.RECEIVE,
            "the host dropped it when the device had it (the device's rx_dropped)"),

    // inner -> outer: before anybody read it
    DEVICE_QUEUE_FULL(
            Direction.TRANSMIT,
            "the device's queue was full (its tx_dropped): ip link set NAME txqueuelen N"),
    DEVICE_QDISC(
            Direction.TRANSMIT, "the device's queueing discipline dropped it (tc -s qdisc show)"),
    // inner -> outer: the inner packet
    PAYLOAD_MALFORMED(Direction.TRANSMIT, "inner IP header is cut short or inconsistent"),
    PAYLOAD_NOT_CARRIED(Direction.TRANSMIT, "the tunnel's mode does not carry this IP version"),
    TOO_BIG(Direction.TRANSMIT, "larger than the path allows; the sender was told by ICMP"),
    TOO_BIG_UNANSWERED(
            Direction.TRANSMIT, "larger than the path allows, and no ICMP may be sent about it"),
    LOOP(Direction.TRANSMIT, "the tunnel's own outer packet was routed back into the tunnel"),
    ROUTE_LOOP(Direction.TRANSMIT, "the route to the remote leads back into the tunnel"),
    FRAGMENT_NO_ROOM(Direction.TRANSMIT, "no free batch to put fragments into"),
    SEGMENT_NO_ROOM(Direction.TRANSMIT, "no free batch to put segments into"),
    // inner -> outer: the underlay
    LINK_GONE(Direction.TRANSMIT, "the device that the tunnel is bound to (dev) is not there"),
    LOCAL_ADDRESS_GONE(Direction.TRANSMIT, "the tunnel's local address is not on this host"),
    REMOTE_IS_LOCAL(
            Direction.TRANSMIT, "the remote is an address of this host (allow-localremote)"),
    NO_ROUTE(
            Direction.TRANSMIT,
            "no route, or a forbidding one (ENETUNREACH, EHOSTUNREACH, EACCES)"),
    UNDERLAY_DOWN(Direction.TRANSMIT, "the underlay is down (ENETDOWN, ENXIO, ENODEV)"),
    UNDERLAY_TOO_BIG(Direction.TRANSMIT, "the underlay refused the size (EMSGSIZE)"),
    UNDERLAY_FULL(Direction.TRANSMIT, "the underlay's queue is full (ENOBUFS, ENOMEM)"),
    UNDERLAY_FORBIDDEN(
            Direction.TRANSMIT,
            "a firewall rule or an IPsec policy of this host forbids it (EPERM)"),
    UNDERLAY_REFUSED(
            Direction.TRANSMIT,
            "this host refused it by another error (EINVAL: a blackhole route)"),
    SHUTDOWN(Direction.TRANSMIT, "the tunnel was closed before the packet was sent");

    /** Which way the packet went. */
    public enum Direction {
        /** From the wire to the device. */
        RECEIVE,
        /** From the device to the wire. */
        TRANSMIT
    }

    private final Direction direction;
    private final String description;

    DropReason(Direction direction, String description) {
        this.direction = direction;
        this.description = description;
    }

    /** Which way the packet went when it was dropped for this reason. */
    public Direction direction() {
        return direction;
    }

    /** One line for people, lower case, without a full stop. */
    public String description() {
        return description;
    }

    /**
     * The name that counters, metrics and traces show: kebab-case, for example {@code no-tunnel}.
     */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}

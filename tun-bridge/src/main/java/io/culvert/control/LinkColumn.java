package io.culvert.control;

import io.culvert.packet.DropReason;
import java.util.Locale;
import java.util.Map;

/**
 * Under which of a network device's counters a drop belongs, as {@code ip -s -s link} shows them.
 * Where the kernel's own tunnels count the same event it is the same column.
 */
enum LinkColumn {
    /** {@code rx_length_errors}: cut short or inconsistent. */
    LENGTH(true),
    /** {@code rx_crc_errors}: a checksum that is wrong, missing or not expected. */
    CRC(true),
    /** {@code rx_frame_errors}: congestion that the inner packet cannot carry. */
    FRAME(true),
    /** {@code rx_fifo_errors}: out of sequence. */
    FIFO(true),
    /** {@code tx_carrier_errors}: no way to the remote. */
    CARRIER(true),
    /** {@code collisions}: into the tunnel again. */
    COLLISIONS(true),
    /** {@code rx_errors} or {@code tx_errors} alone. */
    OTHER(true),
    /** {@code rx_dropped} or {@code tx_dropped}: nothing wrong with the packet. */
    DROPPED(false);

    private final boolean isError;

    LinkColumn(boolean isError) {
        this.isError = isError;
    }

    /** Whether it is a part of all errors of its direction. */
    boolean isError() {
        return isError;
    }

    /** Its name in an answer. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static LinkColumn of(DropReason reason) {
        return switch (reason) {
            case OUTER_MALFORMED, GRE_TRUNCATED, INNER_TRUNCATED, INNER_VERSION, INNER_MALFORMED ->
                    LENGTH;
            case GRE_CHECKSUM, CHECKSUM_MISSING, CHECKSUM_UNEXPECTED -> CRC;
            case ECN_CE_ON_NOT_ECT -> FRAME;
            case SEQUENCE_MISSING, SEQUENCE_OLD -> FIFO;
            case LINK_GONE, LOCAL_ADDRESS_GONE, REMOTE_IS_LOCAL, NO_ROUTE, UNDERLAY_DOWN -> CARRIER;
            case LOOP, ROUTE_LOOP -> COLLISIONS;
            case GRE_VERSION,
                    GRE_ROUTING,
                    GRE_RESERVED_FLAGS,
                    KEY_MISSING,
                    KEY_UNEXPECTED,
                    KEY_MISMATCH,
                    PROTOCOL_UNKNOWN,
                    PAYLOAD_MALFORMED,
                    PAYLOAD_NOT_CARRIED,
                    TOO_BIG,
                    TOO_BIG_UNANSWERED,
                    UNDERLAY_TOO_BIG,
                    UNDERLAY_FORBIDDEN,
                    UNDERLAY_REFUSED ->
                    OTHER;
            case OUTER_NOT_UNICAST,
                    NO_TUNNEL,
                    TUNNEL_DOWN,
                    OTHER_LINK,
                    KEEPALIVE_FLOOD,
                    DEVICE_DOWN,
                    DEVICE_GONE,
                    DEVICE_REFUSED,
                    HOST_DROPPED,
                    DEVICE_QUEUE_FULL,
                    DEVICE_QDISC,
                    HOST_JOINED,
                    FRAGMENT_NO_ROOM,
                    SEGMENT_NO_ROOM,
                    UNDERLAY_FULL,
                    SHUTDOWN ->
                    DROPPED;
        };
    }

    /** How many of the drops in one direction belong here. */
    long of(Map<DropReason, Long> drops, DropReason.Direction direction) {
        long packets = 0;
        for (Map.Entry<DropReason, Long> drop : drops.entrySet()) {
            if (drop.getKey().direction() == direction && of(drop.getKey()) == this) {
                packets += drop.getValue();
            }
        }
        return packets;
    }
}

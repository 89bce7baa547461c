package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * The chain of extension headers between an IPv6 header and what the packet carries (RFC 8200 §4).
 *
 * <pre>
 * +---------------+---------------+-------------------------------
 * |  Next Header  |  Hdr Ext Len  |  (8 * length + 8 bytes in all)
 * +---------------+---------------+-------------------------------
 * </pre>
 *
 * The chain ends at the first header that is none of hop-by-hop, routing, destination options and
 * fragment, or behind a fragment header, where a piece of anything may follow.
 */
public final class Ipv6Extensions {
    private static final int NEXT_HEADER = 0;
    private static final int LENGTH = 1;
    private static final int SEGMENTS_LEFT = 3;
    private static final int UNIT_BYTES = 8;

    private int protocol;
    private int endAt;
    private boolean isFragment;
    private boolean hasRouting;

    /**
     * Walks the chain of a packet whose header has passed {@link Ipv6Header#isValid}.
     *
     * @return false when the chain is cut short by the packet's end
     */
    public boolean walk(ByteBuffer memory, int at) {
        int end = at + Ipv6Header.totalLengthBytes(memory, at);
        protocol = Ipv6Header.nextHeader(memory, at);
        endAt = at + Ipv6Header.LENGTH;
        isFragment = false;
        hasRouting = false;
        while (isExtension(protocol) && !isFragment) {
            if (end - endAt < UNIT_BYTES) {
                return false;
            }
            int lengthBytes = UNIT_BYTES;
            if (protocol == IpProtocol.IPV6_FRAGMENT) {
                isFragment = true;
            } else {
                lengthBytes += (memory.get(endAt + LENGTH) & 0xff) * UNIT_BYTES;
                hasRouting |=
                        protocol == IpProtocol.IPV6_ROUTING
                                && memory.get(endAt + SEGMENTS_LEFT) != 0;
            }
            if (lengthBytes > end - endAt) {
                return false;
            }
            protocol = memory.get(endAt + NEXT_HEADER) & 0xff;
            endAt += lengthBytes;
        }
        return true;
    }

    /** The next header of the last extension header, or the IPv6 header's where there is none. */
    public int protocol() {
        return protocol;
    }

    /** Where the chain ends in the memory, and the upper-layer header starts. */
    public int endAt() {
        return endAt;
    }

    /** Whether a fragment header is among them. */
    public boolean isFragment() {
        return isFragment;
    }

    /**
     * Whether the destination address is only the next of several, so that the pseudo header of the
     * upper layer has another (RFC 8200 §8.1).
     */
    public boolean hasRouting() {
        return hasRouting;
    }

    private static boolean isExtension(int protocol) {
        return switch (protocol) {
            case IpProtocol.IPV6_HOP_BY_HOP,
                    IpProtocol.IPV6_ROUTING,
                    IpProtocol.IPV6_FRAGMENT,
                    IpProtocol.IPV6_DESTINATION_OPTIONS ->
                    true;
            default -> false;
        };
    }
}

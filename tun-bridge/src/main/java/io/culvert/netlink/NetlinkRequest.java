package io.culvert.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes one request: the netlink header, a fixed struct field by field, then attributes.
 *
 * <pre>
 *   u32 length | u16 type | u16 flags | u32 sequence | u32 port
 *   fixed struct of the type, such as ifaddrmsg
 *   { u16 length | u16 type | value | padding to 4 bytes } ...
 * </pre>
 *
 * <p>All in the machine's byte order, except addresses, which stay in network order.
 */
final class NetlinkRequest {
    /** More than any request of ours needs: the longest holds three IPv6 addresses. */
    private static final int CAPACITY = 256;

    private static final int LENGTH = 0;
    private static final int SEQUENCE = 8;
    private static final int ATTRIBUTE_HEADER_LENGTH = 4;

    private final ByteBuffer memory = ByteBuffer.allocate(CAPACITY).order(ByteOrder.nativeOrder());
    private final boolean isDump;

    /**
     * @param type one of RTM_*
     * @param flags NLM_F_* beyond NLM_F_REQUEST; a request that is no dump asks for an
     *     acknowledgement, so that every answer has a known end
     */
    NetlinkRequest(int type, int flags) {
        isDump = (flags & Rtnetlink.NLM_F_DUMP) == Rtnetlink.NLM_F_DUMP;
        int ending = isDump ? 0 : Rtnetlink.NLM_F_ACK;
        memory.putInt(0)
                .putShort((short) type)
                .putShort((short) (Rtnetlink.NLM_F_REQUEST | ending | flags))
                .putInt(0)
                .putInt(0);
    }

    NetlinkRequest u8(int value) {
        memory.put((byte) value);
        return this;
    }

    NetlinkRequest u16(int value) {
        memory.putShort((short) value);
        return this;
    }

    NetlinkRequest u32(int value) {
        memory.putInt(value);
        return this;
    }

    NetlinkRequest attribute(int type, int value) {
        attributeHeader(type, Integer.BYTES);
        memory.putInt(value);
        return this;
    }

    NetlinkRequest attributeOfOctet(int type, int value) {
        attributeHeader(type, 1);
        memory.put((byte) value);
        return pad();
    }

    /** Opens an attribute that holds attributes; give what this returns to {@link #endNest}. */
    int beginNest(int type) {
        int begin = memory.position();
        attributeHeader(type, 0);
        return begin;
    }

    NetlinkRequest endNest(int begin) {
        memory.putShort(begin, (short) (memory.position() - begin));
        return this;
    }

    /** A string with its closing NUL. */
    NetlinkRequest attribute(int type, String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        attributeHeader(type, encoded.length + 1);
        memory.put(encoded).put((byte) 0);
        return pad();
    }

    NetlinkRequest attribute(int type, InetAddress address) {
        byte[] octets = address.getAddress();
        attributeHeader(type, octets.length);
        memory.put(octets);
        return this;
    }

    /** Whether the answer is a list that NLMSG_DONE ends. */
    boolean isDump() {
        return isDump;
    }

    /** The finished request under a sequence number; may be asked again with another. */
    byte[] bytes(int sequence) {
        memory.putInt(LENGTH, memory.position()).putInt(SEQUENCE, sequence);
        byte[] bytes = new byte[memory.position()];
        memory.get(0, bytes);
        return bytes;
    }

    private void attributeHeader(int type, int valueBytes) {
        memory.putShort((short) (ATTRIBUTE_HEADER_LENGTH + valueBytes)).putShort((short) type);
    }

    private NetlinkRequest pad() {
        while (memory.position() % NetlinkMessage.ALIGNMENT != 0) {
            memory.put((byte) 0);
        }
        return this;
    }
}

package io.culvert.netlink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One message of the kernel's: what its header says, and the bytes behind it.
 *
 * @param type one of RTM_* or NLMSG_*
 * @param flags NLM_F_*
 * @param sequence the number of the request it answers; 0 when nobody asked
 * @param payload the bytes behind the header in the machine's order, from position 0
 */
record NetlinkMessage(int type, int flags, int sequence, ByteBuffer payload) {
    static final int ALIGNMENT = 4;

    private static final int LENGTH = 0;
    private static final int TYPE = 4;
    private static final int FLAGS = 6;
    private static final int SEQUENCE = 8;

    /**
     * The messages of one datagram. Bytes that make no whole message are left out, as the kernel's
     * NLMSG_OK does.
     */
    static List<NetlinkMessage> split(ByteBuffer datagram) {
        List<NetlinkMessage> messages = new ArrayList<>();
        int at = 0;
        while (at + Rtnetlink.NLMSG_HEADER_LENGTH <= datagram.limit()) {
            int length = datagram.getInt(at + LENGTH);
            if (length < Rtnetlink.NLMSG_HEADER_LENGTH || length > datagram.limit() - at) {
                break;
            }
            messages.add(
                    new NetlinkMessage(
                            Short.toUnsignedInt(datagram.getShort(at + TYPE)),
                            Short.toUnsignedInt(datagram.getShort(at + FLAGS)),
                            datagram.getInt(at + SEQUENCE),
                            part(
                                    datagram,
                                    at + Rtnetlink.NLMSG_HEADER_LENGTH,
                                    length - Rtnetlink.NLMSG_HEADER_LENGTH)));
            at += aligned(length);
        }
        return messages;
    }

    /** A field of the fixed struct, 0 to 255. */
    int u8(int at) {
        return Byte.toUnsignedInt(payload.get(at));
    }

    /** A field of the fixed struct, 0 to 65535. */
    int u16(int at) {
        return Short.toUnsignedInt(payload.getShort(at));
    }

    /** A 32-bit field of the fixed struct. */
    int u32(int at) {
        return payload.getInt(at);
    }

    /**
     * An address in the fixed struct.
     *
     * @param lengthBytes 4 or 16
     */
    InetAddress address(int at, int lengthBytes) {
        byte[] octets = new byte[lengthBytes];
        payload.get(at, octets);
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e); // only for other lengths
        }
    }

    /** Whether the fixed struct is there in whole. */
    boolean holds(int structLength) {
        return payload.limit() >= structLength;
    }

    /** The attributes behind a fixed struct of this length. */
    NetlinkAttributes attributesFrom(int structLength) {
        return NetlinkAttributes.read(payload, structLength);
    }

    /** A view of some bytes of a buffer, in the same byte order. */
    static ByteBuffer part(ByteBuffer of, int at, int length) {
        return of.slice(at, length).order(of.order());
    }

    static int aligned(int length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }
}

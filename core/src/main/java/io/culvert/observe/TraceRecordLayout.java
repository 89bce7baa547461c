package io.culvert.observe;

import java.nio.ByteBuffer;

/*
 * Layout, big-endian. The bytes are those of the outermost side there is; the inner side is the end
 * of them, from innerAt on: both sides for the price of one copy, and no pairing afterwards.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+---------------+-------------------------------+
 *   |     kind      |     flags     |        drop reason + 1        |   0
 *   +---------------+---------------+-------------------------------+
 *   |                         tunnel index                          |   4
 *   +---------------------------------------------------------------+
 *   |                        when it ended                          |   8  8 bytes
 *   +---------------------------------------------------------------+
 *   |                        when it was read                       |  16  8 bytes
 *   +---------------------------------------------------------------+
 *   |                  number in this lane, from 1                  |  24  8 bytes
 *   +---------------------------------------------------------------+
 *   |                         outer length                          |  32
 *   |                         inner length                          |  36
 *   |                        bytes recorded                         |  40
 *   +-------------------------------+-------------------------------+
 *   |           inner at            |  inner's first two, delivered |  44
 *   +-------------------------------+-------------------------------+
 *   |    super-packet's or segments' length, or next hop's MTU      |  48
 *   |                        interface index                        |  52
 *   +---------------+---------------+-------------------------------+
 *   |   ICMP type   |   ICMP code   |        system's error         |  56
 *   +---------------+---------------+-------------------------------+
 *   |                             lane                              |  60
 *   +---------------------------------------------------------------+
 *   |         an error's sender: IPv6, or IPv4 as ::ffff:0:0/96     |  64  16 bytes
 *   +---------------------------------------------------------------+
 *   |  bytes recorded ...                                           |  80
 */

/** Where the fields of a {@link TraceRecord} lie, for who reads it and who writes it. */
abstract class TraceRecordLayout {
    static final int KIND = 0;
    static final int FLAGS = 1;
    static final int REASON = 2;
    static final int TUNNEL = 4;
    static final int END_NANOS = 8;
    static final int READ_NANOS = 16;
    static final int NUMBER = 24;
    static final int OUTER_BYTES = 32;
    static final int INNER_BYTES = 36;
    static final int RECORDED_BYTES = 40;
    static final int INNER_AT = 44;
    static final int DELIVERED_WORD = 46;
    static final int SUPER_BYTES = 48;
    static final int LINK = 52;
    static final int ICMP_TYPE = 56;
    static final int ICMP_CODE = 57;
    static final int ERRNO = 58;
    static final int LANE = 60;
    static final int OFFENDER = 64;

    static final int HAS_OUTER = 1;
    static final int HAS_INNER = 1 << 1;
    static final int REPLACED = 1 << 2;
    static final int JOINED = 1 << 3;
    static final int ECN_CHANGED = 1 << 4;
    static final int LOCAL = 1 << 5;
    static final int ALL_FLAGS = (1 << 6) - 1;

    ByteBuffer memory;
    int at;

    final void lieAt(ByteBuffer recordMemory, int recordAt) {
        memory = recordMemory;
        at = recordAt;
    }

    final int flags() {
        return memory.get(at + FLAGS) & 0xff;
    }
}

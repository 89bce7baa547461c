package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * The header of MikroTik's EoIP (Ethernet over IP), read in place: GRE of version 1 with the
 * protocol type 0x6400. No RFC defines it; this is what RouterOS sends.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |    0x2001 (key, version 1)    |     Protocol Type 0x6400      |
 * +-------------------------------+-------------------------------+
 * |        Payload Length         |   Tunnel ID (little-endian)   |
 * +-------------------------------+-------------------------------+
 * </pre>
 *
 * An Ethernet frame follows. In a keepalive the payload length is 0, and nothing follows.
 */
public final class EoipHeader {
    public static final int LENGTH = 8;

    private static final int FLAGS = 0;
    private static final int VERSION = 0x0007;
    private static final int PROTOCOL_TYPE = 2;
    private static final int PAYLOAD_LENGTH = 4;
    private static final int TUNNEL_ID = 6;

    /** The picture above as data. */
    public static final HeaderLayout LAYOUT =
            HeaderLayout.of("")
                    .flag("checksum-present")
                    .flag("routing-present")
                    .flag("key-present")
                    .flag("sequence-present")
                    .reserved("reserved-flags", 9)
                    .number("version", 3)
                    .bits("protocol-type", 16)
                    .number("payload-length", 16)
                    .littleEndian("tunnel-id", 16)
                    .build();

    private ByteBuffer memory;
    private int at;

    /** Looks at the header that starts at {@code at}. */
    public EoipHeader wrap(ByteBuffer memory, int at) {
        this.memory = memory;
        this.at = at;
        return this;
    }

    /** Whether {@code limitBytes} bytes from here hold such a header and its payload. */
    public boolean isValid(int limitBytes) {
        return limitBytes >= LENGTH
                && isEoip(memory, at)
                && LENGTH + payloadLengthBytes() <= limitBytes;
    }

    /** Of the Ethernet frame; 0 in a keepalive. */
    public int payloadLengthBytes() {
        return memory.getShort(at + PAYLOAD_LENGTH) & 0xffff;
    }

    /** What tells tunnels between the same addresses apart, 0 to 65535. */
    public int tunnelId() {
        return Short.reverseBytes(memory.getShort(at + TUNNEL_ID)) & 0xffff;
    }

    /** A keepalive says that its sender is there, and carries nothing. */
    public boolean isKeepalive() {
        return payloadLengthBytes() == 0;
    }

    /** Where the Ethernet frame starts in the memory. */
    public int payloadAt() {
        return at + LENGTH;
    }

    /** Whether the GRE header at {@code at} is one of EoIP; needs four readable bytes. */
    public static boolean isEoip(ByteBuffer memory, int at) {
        return (memory.getShort(at + FLAGS) & VERSION) == 1
                && (memory.getShort(at + PROTOCOL_TYPE) & 0xffff) == EtherType.EOIP;
    }
}

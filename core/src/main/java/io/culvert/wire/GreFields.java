package io.culvert.wire;

import java.nio.ByteBuffer;

/**
 * A GRE header to be sent (RFC 2784 §2.1, RFC 2890 §2): what a tunnel's header looks like before a
 * packet's checksum and sequence number are known.
 *
 * @param key the bits of the key; 0 where {@code hasKey} is false
 * @param protocolType an {@link EtherType}, 0 to 0xffff
 */
public record GreFields(
        boolean hasChecksum, boolean hasKey, int key, boolean hasSequence, int protocolType) {

    public GreFields {
        if (!hasKey && key != 0) {
            throw new IllegalArgumentException("a GRE header without a key cannot have key " + key);
        }
        if (protocolType < 0 || protocolType > 0xffff) {
            throw new IllegalArgumentException(
                    "GRE protocol type out of 0 to 0xffff: " + protocolType);
        }
    }

    /** The four-byte header. */
    public static GreFields plain(int protocolType) {
        return new GreFields(false, false, 0, false, protocolType);
    }

    /** 4, 8, 12 or 16. */
    public int lengthBytes() {
        return GreHeader.lengthBytes(hasChecksum, hasKey, hasSequence);
    }

    /**
     * Writes {@link #lengthBytes()} bytes at {@code at}, with checksum, reserved bits and sequence
     * number 0.
     *
     * @return where the payload starts
     */
    public int write(ByteBuffer memory, int at) {
        int flags =
                (hasChecksum ? GreHeader.CHECKSUM_PRESENT : 0)
                        | (hasKey ? GreHeader.KEY_PRESENT : 0)
                        | (hasSequence ? GreHeader.SEQUENCE_PRESENT : 0);
        memory.putInt(at, flags << 16 | protocolType);
        int position = at + GreHeader.MIN_LENGTH;
        if (hasChecksum) {
            memory.putInt(position, 0);
            position += Integer.BYTES;
        }
        if (hasKey) {
            memory.putInt(position, key);
            position += Integer.BYTES;
        }
        if (hasSequence) {
            memory.putInt(position, 0);
            position += Integer.BYTES;
        }
        return position;
    }
}

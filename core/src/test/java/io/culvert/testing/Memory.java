package io.culvert.testing;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Packet memory as the packet path has it: direct and big-endian. */
public final class Memory {
    /** What stands in memory that nobody has written yet, so that a forgotten field shows. */
    public static final byte DIRT = (byte) 0xa5;

    private Memory() {}

    /** Direct memory filled with {@link #DIRT}. */
    public static ByteBuffer dirty(int capacityBytes) {
        byte[] dirt = new byte[capacityBytes];
        Arrays.fill(dirt, DIRT);
        return ByteBuffer.allocateDirect(capacityBytes).put(0, dirt);
    }

    /** Dirty direct memory with {@code packet} at {@code at} and eight dirty bytes after it. */
    public static ByteBuffer holding(byte[] packet, int at) {
        return dirty(at + packet.length + 8).put(at, packet);
    }
}

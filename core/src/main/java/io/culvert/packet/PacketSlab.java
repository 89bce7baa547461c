package io.culvert.packet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One piece of direct memory, cut into slots of equal stride.
 *
 * <pre>{@code
 * slot 0                                slot 1
 * +----------+--------------------------+----------+------------------
 * | headroom | packet, up to slotBytes  | headroom | packet ...
 * +----------+--------------------------+----------+------------------
 * |<-------------- stride ------------->|
 * }</pre>
 *
 * <p>The stride is an odd number of cache lines: a slot of 64 KiB would otherwise put every slot's
 * header into the same set of the L1 cache.
 *
 * @param memory the memory, big-endian; views read and write it by absolute index
 * @param address the memory's native address, or 0 where nobody makes system calls on it
 * @param slots number of slots
 * @param slotBytes bytes a packet may have in a slot before anything is prepended
 * @param strideBytes distance between the starts of two slots
 */
public record PacketSlab(
        ByteBuffer memory, long address, int slots, int slotBytes, int strideBytes) {

    /**
     * Bytes in front of each packet that headers may be prepended into: an IPv6 header, a
     * destination option, UDP, GRE and an Ethernet header, with the largest IPv4 header for a
     * fragment beside them.
     */
    public static final int HEADROOM_BYTES = 128;

    /** The largest IP packet, RFC 791 §3.1; what a raw socket may hand over after reassembly. */
    public static final int MAX_PACKET_BYTES = 65_535;

    private static final int CACHE_LINE_BYTES = 64;

    /**
     * Allocates a slab.
     *
     * @param slots number of slots, 1 or more
     * @param slotBytes bytes a packet may have, 1 to {@link #MAX_PACKET_BYTES}
     * @param memories makes the memory and knows its address
     */
    public static PacketSlab allocate(int slots, int slotBytes, MemorySource memories) {
        if (slots < 1 || slotBytes < 1 || slotBytes > MAX_PACKET_BYTES) {
            throw new IllegalArgumentException(
                    "a slab of " + slots + " slots of " + slotBytes + " bytes cannot be made");
        }
        int lines = (HEADROOM_BYTES + slotBytes + CACHE_LINE_BYTES - 1) / CACHE_LINE_BYTES | 1;
        int strideBytes = lines * CACHE_LINE_BYTES;
        ByteBuffer memory =
                ByteBuffer.allocateDirect(Math.multiplyExact(slots, strideBytes))
                        .order(ByteOrder.BIG_ENDIAN);
        return new PacketSlab(memory, memories.addressOf(memory), slots, slotBytes, strideBytes);
    }

    /**
     * The native address, for system calls.
     *
     * @throws IllegalStateException when the memory was allocated without one
     */
    public long requireAddress() {
        if (address == 0) {
            throw new IllegalStateException(
                    "this slab has no native address: give its pool a MemorySource that knows it");
        }
        return address;
    }

    /** Where a packet put into the slot starts, as an index into {@link #memory()}. */
    public int packetAt(int slot) {
        return slot * strideBytes + HEADROOM_BYTES;
    }

    /** Tells the native address of direct memory; 0 where none is needed. */
    @FunctionalInterface
    public interface MemorySource {
        /** For programs that make no system calls on packet memory. */
        MemorySource WITHOUT_ADDRESS = memory -> 0L;

        /** The native address of the buffer's first byte, or 0. */
        long addressOf(ByteBuffer memory);
    }
}

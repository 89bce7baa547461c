package io.culvert.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Zeroed memory that system calls read and write, in the machine's byte order, with its address.
 *
 * <p>The address is good for as long as {@code bytes} is reachable, so whoever hands the address to
 * the kernel keeps this value in a field. Network-order fields in it are the writer's to swap.
 *
 * @param bytes the memory; its position is always 0
 * @param address native address of the first byte
 */
public record NativeMemory(ByteBuffer bytes, long address) {

    /** Allocates zeroed memory of at least 1 byte, aligned for any struct. */
    public static NativeMemory allocate(int sizeBytes) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(sizeBytes).order(ByteOrder.nativeOrder());
        return new NativeMemory(bytes, addressOf(bytes));
    }

    /**
     * Memory that is not Java's, such as what {@code mmap} maps. It is not to be touched once it is
     * unmapped: the process would end.
     */
    static NativeMemory at(long address, int sizeBytes) {
        ByteBuffer bytes = new Pointer(address).getByteBuffer(0, sizeBytes);
        return new NativeMemory(bytes.order(ByteOrder.nativeOrder()), address);
    }

    /** The text in UTF-8 with its closing NUL: a C string. */
    public static NativeMemory ofText(String text) {
        NativeMemory memory = allocate(text.getBytes(StandardCharsets.UTF_8).length + 1);
        memory.text(0, text);
        return memory;
    }

    /** An {@code int}, as options of {@code setsockopt} are. */
    public static NativeMemory ofInt(int value) {
        NativeMemory memory = allocate(Integer.BYTES);
        memory.bytes.putInt(0, value);
        return memory;
    }

    /** The native address of a direct buffer's first byte, whatever its position. */
    public static long addressOf(ByteBuffer direct) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(direct));
    }

    /** Bytes there are. */
    public int sizeBytes() {
        return bytes.capacity();
    }

    /** Reads the C string at an offset, at most {@code limitBytes} long. */
    public String text(int at, int limitBytes) {
        int end = at;
        while (end < at + limitBytes && bytes.get(end) != 0) {
            end++;
        }
        byte[] encoded = new byte[end - at];
        bytes.get(at, encoded);
        return new String(encoded, StandardCharsets.UTF_8);
    }

    /** Writes a C string with its closing NUL at an offset. */
    public void text(int at, String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        bytes.put(at, encoded).put(at + encoded.length, (byte) 0);
    }

    /** Puts zeros everywhere. */
    public void clear() {
        for (int i = 0; i < bytes.capacity(); i++) {
            bytes.put(i, (byte) 0);
        }
    }

    /** Reads an {@code int} that is in network order, such as an IPv4 address. */
    public int networkInt(int at) {
        return swap(bytes.getInt(at));
    }

    /** Writes an {@code int} in network order. */
    public void networkInt(int at, int value) {
        bytes.putInt(at, swap(value));
    }

    /** Reads a {@code long} that is in network order, such as half of an IPv6 address. */
    public long networkLong(int at) {
        return swap(bytes.getLong(at));
    }

    /** Writes a {@code long} in network order. */
    public void networkLong(int at, long value) {
        bytes.putLong(at, swap(value));
    }

    private static long swap(long value) {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                ? Long.reverseBytes(value)
                : value;
    }

    private static int swap(int value) {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                ? Integer.reverseBytes(value)
                : value;
    }
}

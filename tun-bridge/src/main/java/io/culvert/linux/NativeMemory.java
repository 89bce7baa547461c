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

    /** The text in UTF-8 with its closing NUL: a C string. */
    public static NativeMemory ofText(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        NativeMemory memory = allocate(encoded.length + 1);
        memory.bytes.put(0, encoded);
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

    /** Puts a zero into every byte of a range. */
    public void clear(int at, int lengthBytes) {
        for (int i = at; i < at + lengthBytes; i++) {
            bytes.put(i, (byte) 0);
        }
    }
}

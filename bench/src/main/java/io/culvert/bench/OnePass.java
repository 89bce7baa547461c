package io.culvert.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads every byte once, by the machine's vectors where the compiler makes some, and does as little
 * with them as keeps it from leaving that out: the floor under everything that must see the whole
 * packet.
 */
final class OnePass {
    private static final VarHandle WORDS =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final int ROUND_BYTES = 16;

    private OnePass() {}

    static long over(ByteBuffer memory, int at, int lengthBytes) {
        int halfBytes = lengthBytes / ROUND_BYTES * Long.BYTES;
        int middle = at + halfBytes;
        int end = at + lengthBytes;
        long words = 0;
        // two words share what JDK 17 spends on adding up the lanes of a vector
        for (int position = at; position < middle; position += Long.BYTES) {
            words +=
                    (long) WORDS.get(memory, position)
                            + (long) WORDS.get(memory, position + halfBytes);
        }
        int position = middle + halfBytes;
        for (; position <= end - Integer.BYTES; position += Integer.BYTES) {
            words += memory.getInt(position);
        }
        for (; position < end; position++) {
            words += memory.get(position);
        }
        return words;
    }
}

package io.culvert.bench;

import java.nio.ByteBuffer;

/**
 * Reads every byte once, eight at a time, and does as little with them as keeps the compiler from
 * leaving it out: the floor under everything that must see the whole packet.
 */
final class OnePass {
    private OnePass() {}

    static long over(ByteBuffer memory, int at, int lengthBytes) {
        int position = at;
        int end = at + lengthBytes;
        long first = 0;
        long second = 0;
        for (; position <= end - 32; position += 32) {
            first ^= memory.getLong(position) ^ memory.getLong(position + 8);
            second ^= memory.getLong(position + 16) ^ memory.getLong(position + 24);
        }
        for (; position <= end - 4; position += 4) {
            first ^= memory.getInt(position);
        }
        for (; position < end; position++) {
            second ^= memory.get(position);
        }
        return first ^ second;
    }
}

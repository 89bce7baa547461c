package io.culvert.bench;

import java.nio.ByteBuffer;

/** The Internet checksum as RFC 1071 §4.1 prints it. */
final class TextbookChecksum {
    private TextbookChecksum() {}

    static int of(ByteBuffer memory, int at, int lengthBytes) {
        int position = at;
        int remaining = lengthBytes;
        long sum = 0;
        while (remaining > 1) {
            sum += memory.getShort(position) & 0xffff;
            position += 2;
            remaining -= 2;
        }
        if (remaining > 0) {
            sum += (memory.get(position) & 0xff) << 8;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) ~sum & 0xffff;
    }
}

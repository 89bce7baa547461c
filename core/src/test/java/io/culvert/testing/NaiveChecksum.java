package io.culvert.testing;

/** The Internet checksum as RFC 1071 §4.1 writes it: slow, plain, and nobody's optimisation. */
public final class NaiveChecksum {
    private NaiveChecksum() {}

    /** The complemented checksum of all of {@code bytes}. */
    public static int of(byte[] bytes) {
        return ~sum(bytes) & 0xffff;
    }

    /** The folded sum of all of {@code bytes}, not complemented. */
    public static int sum(byte[] bytes) {
        long sum = 0;
        int count = bytes.length;
        int at = 0;
        while (count > 1) {
            sum += (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
            at += 2;
            count -= 2;
        }
        if (count > 0) {
            sum += (bytes[at] & 0xff) << 8;
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) sum;
    }
}

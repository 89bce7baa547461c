package io.culvert.observe;

/**
 * How an interface of a pcapng file counts time (draft-ietf-opsawg-pcapng §4.2, {@code if_tsresol}
 * and {@code if_tsoffset}).
 *
 * @param resolution units of 10^-n seconds; with the highest bit set, of 2^-n seconds
 * @param offsetSeconds is added to every time
 */
record CaptureClock(byte resolution, long offsetSeconds) {
    /** The usual one. */
    static final byte MICROSECONDS = 6;

    private static final int BINARY = 0x80;
    private static final int NANOSECONDS = 9;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int NANOS_BITS = 30;

    /** Nanoseconds since 1970, or the nearest that fits. */
    long epochNanos(long units) {
        long offset = saturated(Math.abs(offsetSeconds), NANOS_PER_SECOND);
        long nanos = (resolution & BINARY) != 0 ? binary(units) : decimal(units);
        return offsetSeconds < 0 ? nanos - offset : sum(nanos, offset);
    }

    private long decimal(long units) {
        int digits = resolution;
        long nanos = units;
        for (int i = digits; i < NANOSECONDS; i++) {
            nanos = saturated(nanos, 10);
        }
        for (int i = digits; i > NANOSECONDS && nanos != 0; i--) {
            nanos = Long.divideUnsigned(nanos, 10);
        }
        return nanos < 0 ? Long.MAX_VALUE : nanos;
    }

    private long binary(long units) {
        int bits = resolution & ~BINARY & 0x7f;
        long seconds = bits < Long.SIZE ? units >>> bits : 0;
        long fraction = bits < Long.SIZE ? units & (1L << bits) - 1 : units;
        // the nanoseconds of a second need 30 bits, so of the fraction the upper 33 are enough
        int excess = Math.max(0, bits - (Long.SIZE - 1 - NANOS_BITS));
        fraction = excess < Long.SIZE ? fraction >>> excess : 0;
        return sum(
                saturated(seconds, NANOS_PER_SECOND),
                fraction * NANOS_PER_SECOND >>> (bits - excess));
    }

    /** The product of what is not negative, read without a sign. */
    private static long saturated(long value, long factor) {
        boolean fits = value >= 0 && value <= Long.MAX_VALUE / factor;
        return fits ? value * factor : Long.MAX_VALUE;
    }

    private static long sum(long left, long right) {
        return left > Long.MAX_VALUE - right ? Long.MAX_VALUE : left + right;
    }
}

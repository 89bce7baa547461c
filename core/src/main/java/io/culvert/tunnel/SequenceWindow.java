package io.culvert.tunnel;

/**
 * What a tunnel with {@code iseq} takes: numbers that are not behind the one expected (RFC 2890
 * §2.2), as Linux does it, without a buffer: a gap is accepted, a duplicate or late packet is not.
 *
 * <p>Confined to the lane's thread.
 */
public final class SequenceWindow {
    private int expected;

    /**
     * Whether the number may pass; moves on when it may.
     *
     * <p>While 0 is expected everything may: that is how Linux starts, and how it behaves at the
     * one moment of a wrap.
     */
    public boolean accept(int sequenceNumber) {
        if (expected != 0 && sequenceNumber - expected < 0) {
            return false;
        }
        expected = sequenceNumber + 1;
        return true;
    }

    /** The number that the next packet in order has, as {@code int} bits. */
    public int expected() {
        return expected;
    }
}

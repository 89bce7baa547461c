package io.culvert.tunnel;

import java.util.random.RandomGenerator;

/**
 * The IPv4 identifications of a tunnel's outer packets in one lane, one after the other (RFC 6864).
 *
 * <p>Lanes step over each other's numbers: two packets of a tunnel with one number could be
 * fragmented on the way and put together wrongly. Confined to the lane's thread.
 */
public final class IdentificationSequence {
    private final int step;
    private int last;

    private IdentificationSequence(int last, int step) {
        this.last = last;
        this.step = step;
    }

    /** Every number, from behind {@code last} on. */
    public static IdentificationSequence after(int last) {
        return new IdentificationSequence(last, 1);
    }

    /** A lane's share of the numbers, from somewhere on. */
    public static IdentificationSequence of(LaneShare share, RandomGenerator random) {
        // a power of two, so that a lane keeps to its own when the 16 bits wrap
        int step = Integer.highestOneBit(2 * share.lanes() - 1);
        return new IdentificationSequence(random.nextInt(1 << 16) & -step | share.lane(), step);
    }

    /** The next number, 1 to 65,535: a raw socket would take 0 as an order to choose. */
    int next() {
        last = last + step & 0xffff;
        if (last == 0) {
            last = step;
        }
        return last;
    }
}

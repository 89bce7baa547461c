package io.culvert.observe;

/**
 * Chooses one packet in so many, at random. It counts down to the next one, so that the packets in
 * between cost next to nothing. For one thread.
 */
final class TraceSample {
    static final int NONE = -1;

    private final int oneIn;
    private long random;
    private int untilNext = 1;

    /**
     * @param oneIn 1 for all
     * @param seed of the choice; any but 0
     */
    TraceSample(int oneIn, long seed) {
        this.oneIn = oneIn;
        this.random = seed;
    }

    /** Whether the next packet is in the sample. */
    boolean takesNext() {
        if (--untilNext > 0) {
            return false;
        }
        untilNext = distance();
        return true;
    }

    /**
     * Passes on to the next packet that is in the sample, and no further than so many.
     *
     * @return how many there are before it; {@link #NONE} when none of them is
     */
    int nextWithin(int packets) {
        if (untilNext > packets) {
            untilNext -= packets;
            return NONE;
        }
        int before = untilNext - 1;
        untilNext = distance();
        return before;
    }

    /**
     * 1 to twice the distance less 1, all alike: in the mean the distance, but out of step with
     * what the traffic does in turns.
     */
    private int distance() {
        if (oneIn == 1) {
            return 1;
        }
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        long choices = 2L * oneIn - 1;
        return 1 + (int) Long.remainderUnsigned(random, choices);
    }
}

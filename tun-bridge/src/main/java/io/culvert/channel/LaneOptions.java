package io.culvert.channel;

/**
 * How lanes work, whichever tunnels they carry.
 *
 * @param lanes how many there are, 1 to {@link #MOST_LANES}
 * @param spinMicros how long a lane looks for packets after the last one before it sleeps; 0 to
 *     {@link #MOST_SPIN_MICROS}, 0 to sleep at once
 */
public record LaneOptions(int lanes, int spinMicros) {
    /** Each further lane makes the kernel ask one more filter about every packet. */
    public static final int MOST_LANES = 64;

    /** A lane that waits longer without an event had better sleep. */
    public static final int MOST_SPIN_MICROS = 1_000_000;

    /** One lane, which sleeps at once: processors are not taken from others without being asked. */
    public static final LaneOptions DEFAULTS = new LaneOptions(1, 0);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public LaneOptions {
        if (lanes < 1 || lanes > MOST_LANES) {
            throw new IllegalArgumentException(
                    "lanes " + lanes + " is not 1 to " + MOST_LANES + ", or auto");
        }
        if (spinMicros < 0 || spinMicros > MOST_SPIN_MICROS) {
            throw new IllegalArgumentException(
                    "spin " + spinMicros + " is not 0 to " + MOST_SPIN_MICROS + " microseconds");
        }
    }
}

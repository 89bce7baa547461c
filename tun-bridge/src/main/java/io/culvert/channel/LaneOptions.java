package io.culvert.channel;

/**
 * How lanes work, whichever tunnels they carry.
 *
 * @param spinMicros how long a lane looks for packets after the last one before it sleeps; 0 to
 *     {@link #MOST_SPIN_MICROS}, 0 to sleep at once
 */
public record LaneOptions(int spinMicros) {
    /** A lane that waits longer without an event had better sleep. */
    public static final int MOST_SPIN_MICROS = 1_000_000;

    /** Sleep at once: a processor is not taken from others without being asked for. */
    public static final LaneOptions DEFAULTS = new LaneOptions(0);

    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public LaneOptions {
        if (spinMicros < 0 || spinMicros > MOST_SPIN_MICROS) {
            throw new IllegalArgumentException(
                    "spin " + spinMicros + " is not 0 to " + MOST_SPIN_MICROS + " microseconds");
        }
    }
}

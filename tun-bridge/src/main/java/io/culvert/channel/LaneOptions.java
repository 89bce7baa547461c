package io.culvert.channel;

import io.culvert.device.UnderlayKind;

/**
 * How lanes work, whichever tunnels they carry.
 *
 * @param lanes how many there are, 1 to {@link #MOST_LANES}
 * @param spinMicros how long a lane looks for packets after the last one before it sleeps; 0 to
 *     {@link #MOST_SPIN_MICROS}, 0 to sleep at once
 * @param rehearses whether the JVM is made to compile the packet path before packets come
 * @param underlay by which way outer packets reach the wire
 */
public record LaneOptions(int lanes, int spinMicros, boolean rehearses, UnderlayKind underlay) {
    /** Each further lane makes the kernel ask one more filter about every packet. */
    public static final int MOST_LANES = 64;

    /** A lane that waits longer without an event had better sleep. */
    public static final int MOST_SPIN_MICROS = 1_000_000;

    /** One lane, which sleeps at once: processors are not taken from others without being asked. */
    public static final LaneOptions DEFAULTS = new LaneOptions(1, 0);

    /** Fewer processors are better left to one lane and to what it carries. */
    private static final int FEWEST_PROCESSORS_FOR_TWO = 4;

    private static final int MOST_AUTOMATIC_LANES = 4;

    /** Memory of the JVM for each lane, of which its batches take a third, beside the heap. */
    private static final long BYTES_PER_AUTOMATIC_LANE = 128L << 20;

    /**
     * How many lanes are good where nobody says: one for two processors, the others are for those
     * who send and receive; never more than the memory is for.
     *
     * @param processors that this process may use
     * @param memoryBytes the most memory that the JVM may take for its heap
     */
    public static int automaticLanes(int processors, long memoryBytes) {
        if (processors < FEWEST_PROCESSORS_FOR_TWO) {
            return 1;
        }
        long fit = Math.min(MOST_AUTOMATIC_LANES, memoryBytes / BYTES_PER_AUTOMATIC_LANE);
        return (int) Math.max(1, Math.min(processors / 2, fit));
    }

    /** Lanes that rehearse, on raw sockets. */
    public LaneOptions(int lanes, int spinMicros) {
        this(lanes, spinMicros, true, UnderlayKind.RAW);
    }

    /** The same by raw sockets. */
    public LaneOptions overRawSockets() {
        return new LaneOptions(lanes, spinMicros, rehearses, UnderlayKind.RAW);
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public LaneOptions {
        if (lanes < 1 || lanes > MOST_LANES) {
            throw new IllegalArgumentException("lanes " + lanes + " is not 1 to " + MOST_LANES);
        }
        if (spinMicros < 0 || spinMicros > MOST_SPIN_MICROS) {
            throw new IllegalArgumentException(
                    "spin " + spinMicros + " is not 0 to " + MOST_SPIN_MICROS + " microseconds");
        }
    }
}

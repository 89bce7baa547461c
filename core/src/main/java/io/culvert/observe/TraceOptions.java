package io.culvert.observe;

import java.util.Set;

/**
 * What a watcher wants to see of a lane's packets. Decided on the lane's side, so that what is not
 * wanted costs no room in the ring.
 *
 * @param snapBytes how much is copied of each side of a packet, 0 to {@link #MOST_SNAP_BYTES}
 * @param sampleOneIn of so many packets one is recorded, at random; 1 for all
 * @param dropsOnly whether only what was dropped is recorded, and errors about what was sent
 * @param tunnels the indices of the tunnels to watch; empty for all, and for what belongs to none
 */
public record TraceOptions(
        int snapBytes, int sampleOneIn, boolean dropsOnly, Set<Integer> tunnels) {
    /** No IP packet is larger. */
    public static final int MOST_SNAP_BYTES = 65_535;

    /** Enough for all headers, and for the first bytes of what they carry. */
    public static final int DEFAULT_SNAP_BYTES = 256;

    /** Everything, cut at {@link #DEFAULT_SNAP_BYTES}. */
    public static final TraceOptions DEFAULTS =
            new TraceOptions(DEFAULT_SNAP_BYTES, 1, false, Set.of());

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public TraceOptions {
        if (snapBytes < 0 || snapBytes > MOST_SNAP_BYTES) {
            throw new IllegalArgumentException(
                    "snap length " + snapBytes + " is not 0 to " + MOST_SNAP_BYTES + " bytes");
        }
        if (sampleOneIn < 1) {
            throw new IllegalArgumentException("one packet in " + sampleOneIn + " is no sample");
        }
        tunnels = Set.copyOf(tunnels);
    }
}

package io.culvert.netlink;

/**
 * What the kernel knows about a neighbour's link-layer address: NUD_* of linux/neighbour.h, in the
 * words of {@code ip neigh} (RFC 4861 §7.3.2).
 */
public enum NeighbourState {
    /** Nothing yet: made, never used. */
    NONE(0x00),
    /** Being asked for; nobody has answered yet. */
    INCOMPLETE(0x01),
    /** Answered a short while ago. */
    REACHABLE(0x02),
    /** Answered once; the next packet through the kernel makes it ask again. */
    STALE(0x04),
    /** Used while stale; it is asked soon unless something else proves that it is there. */
    DELAY(0x08),
    /** Being asked again, at the address it had. */
    PROBE(0x10),
    /** Asked for and not there. */
    FAILED(0x20),
    /** The link has no such question. */
    NOARP(0x40),
    /** Somebody set it for good. */
    PERMANENT(0x80);

    private static final NeighbourState[] VALUES = values();

    private final int bit;

    NeighbourState(int bit) {
        this.bit = bit;
    }

    /** Whether the kernel itself sends packets to the link-layer address in this state. */
    public boolean isUsable() {
        return switch (this) {
            case REACHABLE, STALE, DELAY, PROBE, NOARP, PERMANENT -> true;
            case NONE, INCOMPLETE, FAILED -> false;
        };
    }

    static NeighbourState of(int bit) {
        for (NeighbourState state : VALUES) {
            if (state.bit == bit) {
                return state;
            }
        }
        return NONE;
    }
}

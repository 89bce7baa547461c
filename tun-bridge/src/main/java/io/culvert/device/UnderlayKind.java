package io.culvert.device;

/** By which way outer packets reach the wire, and come from it. */
public enum UnderlayKind {
    /** Through the host's IP, by {@link RawIpSocket}s. */
    RAW(false),
    /** Beside the host's IP, by {@link PacketSocket}s. */
    PACKET(true);

    private final boolean usesNextHops;

    UnderlayKind(boolean usesNextHops) {
        this.usesNextHops = usesNextHops;
    }

    /** Whether it is faster when it is told the {@linkplain Underlay#nextHop next hops}. */
    public boolean usesNextHops() {
        return usesNextHops;
    }
}

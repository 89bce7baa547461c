package io.culvert.device;

import java.util.Locale;

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

    /** Its word in commands and answers. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it is faster when it is told the {@linkplain Underlay#nextHop next hops}. */
    public boolean usesNextHops() {
        return usesNextHops;
    }
}

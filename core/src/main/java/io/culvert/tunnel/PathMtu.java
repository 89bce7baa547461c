package io.culvert.tunnel;

import java.util.concurrent.TimeUnit;

/**
 * How large an outer packet to one remote may be: what the host knows of the way (its link, its
 * route, and what the kernel has learnt from ICMP), or less when a router said so since (RFC 1191
 * §6.3, RFC 2003 §5.1).
 *
 * <p>Where nobody tells what the host knows, a learnt MTU is believed for ten minutes.
 *
 * <p>Confined to the lane's thread, but for {@link #observedMtu}. MTUs are of outer packets, in
 * bytes.
 */
public final class PathMtu {
    /** How long a learnt MTU is believed without a host to ask; Linux's {@code mtu_expires}. */
    public static final long LIFETIME_NANOS = TimeUnit.MINUTES.toNanos(10);

    /**
     * Less is not believed, as with Linux's {@code min_pmtu}: a forged error must not be able to
     * grind a tunnel down to 68-byte packets.
     */
    public static final int LEAST_BELIEVED = 552;

    /** No IPv4 packet is larger, though the loopback device's MTU is 65,536. */
    static final int MOST = 65_535;

    private volatile int knownMtu;
    private volatile int learntMtu = MOST;
    private volatile long learntNanos;

    /**
     * @param knownMtu what the host knows at the beginning
     */
    public PathMtu(int knownMtu) {
        this.knownMtu = knownMtu;
    }

    /**
     * The host knows the path's MTU to be this now. It has heard of the errors that we have heard
     * of, so this counts instead of what we learnt, be it larger or smaller.
     */
    public void known(int mtu) {
        knownMtu = mtu;
        learntMtu = MOST;
    }

    /**
     * Takes note of the MTU that a router asks for, until the host {@linkplain #known is asked}.
     *
     * @return whether the path's MTU is smaller than it was
     */
    public boolean learn(int mtu, long nowNanos) {
        int believed = Math.max(mtu, LEAST_BELIEVED);
        if (mtu <= 0 || believed >= outerMtu(nowNanos)) {
            return false;
        }
        learntMtu = believed;
        learntNanos = nowNanos;
        return true;
    }

    /** The largest outer packet that the path carries whole. */
    public int outerMtu(long nowNanos) {
        if (learntMtu != MOST && nowNanos - learntNanos >= LIFETIME_NANOS) {
            learntMtu = MOST;
        }
        return Math.min(knownMtu, learntMtu);
    }

    /** As {@link #outerMtu}, perhaps a moment old; any thread. */
    public int observedMtu(long nowNanos) {
        boolean isOld = nowNanos - learntNanos >= LIFETIME_NANOS;
        return isOld ? knownMtu : Math.min(knownMtu, learntMtu);
    }
}

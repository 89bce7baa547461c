package io.culvert.tunnel;

import java.util.concurrent.TimeUnit;

/**
 * How large an outer packet to one remote may be: the underlay's MTU, or less when a router said so
 * and not too long ago (RFC 1191 §6.3, RFC 2003 §5.1).
 *
 * <p>Confined to the lane's thread, but for {@link #observedMtu} and {@link #underlayMtu()}. MTUs
 * are of outer packets, in bytes.
 */
public final class PathMtu {
    /** How long a learnt MTU is believed; Linux's {@code mtu_expires}. */
    public static final long LIFETIME_NANOS = TimeUnit.MINUTES.toNanos(10);

    /**
     * Less is not believed, as with Linux's {@code min_pmtu}: a forged error must not be able to
     * grind a tunnel down to 68-byte packets.
     */
    public static final int LEAST_BELIEVED = 552;

    /** No IPv4 packet is larger, though the loopback device's MTU is 65,536. */
    static final int MOST = 65_535;

    private volatile int underlayMtu;
    private volatile int learntMtu = MOST;
    private volatile long learntNanos;

    /**
     * @param underlayMtu the MTU of the route to the remote
     */
    public PathMtu(int underlayMtu) {
        this.underlayMtu = underlayMtu;
    }

    /** The route to the remote has another MTU now; what was learnt on the way stays. */
    public void underlayMtu(int mtu) {
        underlayMtu = mtu;
    }

    /** The MTU of the route to the remote. */
    public int underlayMtu() {
        return underlayMtu;
    }

    /**
     * Takes note of the MTU that a router asks for.
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
        return Math.min(underlayMtu, learntMtu);
    }

    /** As {@link #outerMtu}, perhaps a moment old; any thread. */
    public int observedMtu(long nowNanos) {
        boolean isOld = nowNanos - learntNanos >= LIFETIME_NANOS;
        return isOld ? underlayMtu : Math.min(underlayMtu, learntMtu);
    }
}

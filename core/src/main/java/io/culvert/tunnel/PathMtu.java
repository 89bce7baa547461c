package io.culvert.tunnel;

import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * How large an outer packet to one remote may be: what the host knows of the way (its link, its
 * route, and what the kernel has learnt from ICMP), or less when a router said so since (RFC 1191
 * §6.3, RFC 2003 §5.1).
 *
 * <p>Where nobody tells what the host knows, a learnt MTU is believed for ten minutes.
 *
 * <p>Confined to the lane's thread, but for what observes it. MTUs are of outer packets, in bytes.
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

    /** An answer takes some 10 microseconds, which is 1 % when each packet is too large. */
    private static final long LEAST_NANOS_BETWEEN_QUESTIONS = TimeUnit.MILLISECONDS.toNanos(1);

    private volatile int knownMtu;
    private volatile int learntMtu = MOST;
    private volatile long learntNanos;
    private volatile long lifetimeNanos = LIFETIME_NANOS;
    private boolean isFromRouter;
    private IntSupplier host; // null where there is nobody to ask
    private long askedNanos;
    private boolean wasAsked;

    /**
     * @param knownMtu what the host knows at the beginning
     */
    public PathMtu(int knownMtu) {
        this.knownMtu = knownMtu;
    }

    /**
     * The host knows the path's MTU to be this now. If it remembers what routers have told, or does
     * not want to, this counts instead of what we learnt, be it larger or smaller. Else what a
     * router told us counts on: the host may have noted it for another way to the same remote.
     *
     * @param remembersErrors whether it heeds all errors that we have heard of
     */
    public void known(int mtu, boolean remembersErrors) {
        knownMtu = mtu;
        if (remembersErrors || !isFromRouter || mtu <= learntMtu) {
            learntMtu = MOST;
        }
    }

    /** How long a learnt MTU is believed that the host does not remember. */
    public void lifetimeNanos(long nanos) {
        lifetimeNanos = nanos;
    }

    /**
     * Asks the host before a packet is called too large: it tells nobody when it forgets an MTU.
     *
     * @param question what the host knows at this moment; 0 when it does not say
     */
    public void host(IntSupplier question) {
        host = question;
    }

    /** {@link #outerMtu} after the host was asked, unless that was a moment ago. */
    int askedMtu(long nowNanos) {
        if (host != null && (!wasAsked || nowNanos - askedNanos >= LEAST_NANOS_BETWEEN_QUESTIONS)) {
            wasAsked = true;
            askedNanos = nowNanos;
            int mtu = host.getAsInt();
            if (mtu > 0) {
                known(mtu, false);
            }
        }
        return outerMtu(nowNanos);
    }

    /**
     * {@link #outerMtu} after the host refused a packet for its size.
     *
     * @param outerBytes the packet's length
     * @return less than that, or the host does not say what it would take
     */
    int mtuAfterRefusal(int outerBytes, long nowNanos) {
        if (outerBytes <= outerMtu(nowNanos) && host != null) {
            int mtu = host.getAsInt();
            if (mtu > 0) {
                known(mtu, false);
            }
        }
        return outerMtu(nowNanos);
    }

    /**
     * Takes note of the MTU that an error tells, until the host {@linkplain #known is asked}.
     *
     * @param isFromRouter whether it is not this host that sent the error
     * @return whether the path's MTU is smaller than it was
     */
    public boolean learn(int mtu, boolean isFromRouter, long nowNanos) {
        int believed = Math.max(mtu, LEAST_BELIEVED);
        if (mtu <= 0 || believed >= outerMtu(nowNanos)) {
            return false;
        }
        learntMtu = believed;
        learntNanos = nowNanos;
        this.isFromRouter = isFromRouter;
        return true;
    }

    /** The largest outer packet that the path carries whole. */
    public int outerMtu(long nowNanos) {
        if (learntMtu != MOST && nowNanos - learntNanos >= lifetimeNanos) {
            learntMtu = MOST;
        }
        return Math.min(knownMtu, learntMtu);
    }

    /** As {@link #outerMtu}, perhaps a moment old; any thread. */
    public int observedMtu(long nowNanos) {
        boolean isOld = nowNanos - learntNanos >= lifetimeNanos;
        return isOld ? knownMtu : Math.min(knownMtu, learntMtu);
    }

    /** How long what was learnt here counts on, in nanoseconds; 0 when nothing was. Any thread. */
    public long observedLifetimeNanos(long nowNanos) {
        return learntMtu == MOST ? 0 : Math.max(0, lifetimeNanos - (nowNanos - learntNanos));
    }
}

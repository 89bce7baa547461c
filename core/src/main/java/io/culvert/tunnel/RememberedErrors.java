package io.culvert.tunnel;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * ICMP errors about a tunnel's outer packets of which one of the next inner senders is to be told;
 * each is forgotten after a second.
 *
 * <p>Added to by one lane, taken from by every lane that carries the tunnel.
 */
public final class RememberedErrors {
    private static final long MEMORY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final AtomicInteger count = new AtomicInteger();
    private volatile long lastNanos;

    /** Remembers one more. */
    void add(long nowNanos) {
        boolean isRecent = isRecent(nowNanos);
        lastNanos = nowNanos; // first: whoever sees the error must not take it for an old one
        if (isRecent) {
            count.incrementAndGet();
        } else {
            count.set(1);
        }
    }

    /** Takes one of those remembered, if there is one that is not too old. */
    boolean take(long nowNanos) {
        int errors = count.getOpaque();
        if (errors == 0) {
            return false;
        }
        if (!isRecent(nowNanos)) {
            count.compareAndSet(errors, 0);
            return false;
        }
        // where another lane was quicker, the next packet has its turn
        return count.compareAndSet(errors, errors - 1);
    }

    private boolean isRecent(long nowNanos) {
        return nowNanos - lastNanos < MEMORY_NANOS;
    }
}

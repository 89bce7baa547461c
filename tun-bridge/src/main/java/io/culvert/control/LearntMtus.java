package io.culvert.control;

import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteMtus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Follows what the kernel has learnt of the tunnels' paths from ICMP.
 *
 * <p>The kernel says nothing when it learns, nor when it forgets: because of {@code mtu_expires},
 * or of {@code ip route flush cache}. So it is asked when one of our lanes has heard of a narrower
 * path, and then once a second about this tunnel for as long as it remembers.
 *
 * <p>On the watch's thread, but for {@link #heard} and {@link #mtus}.
 */
final class LearntMtus {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Queue<LiveTunnel> heardOf = new ConcurrentLinkedQueue<>();
    private final Map<Integer, LiveTunnel> remembered = new HashMap<>();
    private final Map<Integer, RouteMtus> mtus = new ConcurrentHashMap<>();
    private long dueNanos;

    /** A lane has heard of a narrower path; any thread. */
    void heard(LiveTunnel tunnel) {
        heardOf.add(tunnel);
    }

    /**
     * What limits a tunnel's packets, by source; any thread.
     *
     * @return null when it is not known
     */
    RouteMtus mtus(LiveTunnel tunnel) {
        return mtus.get(tunnel.index());
    }

    /**
     * Takes note of an answer of the kernel's.
     *
     * @param route null when there is none
     */
    void note(LiveTunnel tunnel, RouteAnswer route) {
        if (route == null) {
            mtus.remove(tunnel.index());
            remembered.remove(tunnel.index());
            return;
        }
        mtus.put(tunnel.index(), route.mtus());
        if (route.mtus().learntMtu() > 0) {
            if (remembered.isEmpty()) {
                dueNanos = System.nanoTime() + PERIOD_NANOS;
            }
            remembered.put(tunnel.index(), tunnel);
        } else {
            remembered.remove(tunnel.index());
        }
    }

    /**
     * Has those asked about that are due.
     *
     * @param ask asks the kernel about a tunnel, and has {@link #note} told
     * @return nanoseconds until somebody is due again
     */
    long tick(Consumer<LiveTunnel> ask) {
        for (LiveTunnel tunnel = heardOf.poll(); tunnel != null; tunnel = heardOf.poll()) {
            ask.accept(tunnel);
        }
        if (remembered.isEmpty()) {
            return RouteWatch.Listener.NEVER;
        }
        long now = System.nanoTime();
        if (now - dueNanos >= 0) {
            List.copyOf(remembered.values()).forEach(ask);
            dueNanos = now + PERIOD_NANOS;
        }
        return remembered.isEmpty() ? RouteWatch.Listener.NEVER : dueNanos - now;
    }
}

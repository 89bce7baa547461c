package io.culvert.control;

import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.RouteAnswer;
import io.culvert.netlink.RouteMtus;
import io.culvert.tunnel.PathMtu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Follows what the kernel has learnt of the tunnels' paths from ICMP.
 *
 * <p>The kernel says nothing when it learns, nor when it forgets: because of {@code mtu_expires},
 * or of {@code ip route flush cache}. So it is asked when one of our lanes has heard of a narrower
 * path or the host has changed a route, and then once a second about this tunnel for as long as it
 * remembers.
 *
 * <p>On the watch's thread, but for {@link #heard} and {@link #mtus}.
 */
final class LearntMtus {
    private static final Path MTU_EXPIRES = Path.of("/proc/sys/net/ipv4/route/mtu_expires");

    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long ROUTE_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** With thousands of tunnels the period grows, so that asking takes a tenth of a processor. */
    private static final int LEAST_REST = 10;

    private final Set<LiveTunnel> heardOf = ConcurrentHashMap.newKeySet();
    private final Map<Integer, LiveTunnel> remembered = new HashMap<>();
    private final Map<Integer, RouteMtus> mtus = new ConcurrentHashMap<>();
    private long dueNanos;
    private long routeDueNanos = System.nanoTime();
    private boolean isRouteChanged;

    /** A lane has heard of a narrower path; any thread. */
    void heard(LiveTunnel tunnel) {
        heardOf.add(tunnel);
    }

    /**
     * Has tunnels asked about whose way may be another now, unless routes change all the time: then
     * they are looked at when that has settled.
     *
     * @param tunnels all of them
     */
    void routeChanged(IpPrefix destinations, List<LiveTunnel> tunnels) {
        if (System.nanoTime() - routeDueNanos >= 0) {
            for (LiveTunnel tunnel : tunnels) {
                if (destinations.contains(tunnel.spec().remote())) {
                    heardOf.add(tunnel);
                    isRouteChanged = true;
                }
            }
        }
    }

    /** How long this host remembers what it learns from now on. */
    long lifetimeNanos() {
        try {
            return TimeUnit.SECONDS.toNanos(Long.parseLong(Files.readString(MTU_EXPIRES).strip()));
        } catch (IOException | NumberFormatException e) { // such as without /proc
            return PathMtu.LIFETIME_NANOS;
        }
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
        long now = System.nanoTime();
        for (LiveTunnel tunnel : List.copyOf(heardOf)) {
            heardOf.remove(tunnel); // first: what it hears from now on is to be asked again
            ask.accept(tunnel);
        }
        if (isRouteChanged) {
            isRouteChanged = false;
            long tookNanos = System.nanoTime() - now;
            routeDueNanos = now + Math.max(ROUTE_PERIOD_NANOS, tookNanos * LEAST_REST);
        }
        if (remembered.isEmpty()) {
            return RouteWatch.Listener.NEVER;
        }
        now = System.nanoTime();
        if (now - dueNanos >= 0) {
            List.copyOf(remembered.values()).forEach(ask);
            long tookNanos = System.nanoTime() - now;
            dueNanos = now + Math.max(PERIOD_NANOS, tookNanos * LEAST_REST);
        }
        return remembered.isEmpty() ? RouteWatch.Listener.NEVER : dueNanos - now;
    }
}

package io.culvert.control;

import io.culvert.netlink.LinkCounts;
import io.culvert.netlink.RouteNetlink;
import io.culvert.packet.DropReason;
import java.util.HashMap;
import java.util.Map;

/**
 * What the tunnels' devices lost since the tunnels were opened: before packets came here, and after
 * they had gone. Of the network namespace of the thread that makes it; used by any thread.
 */
final class DeviceLosses implements AutoCloseable {
    private final RouteNetlink netlink = RouteNetlink.open();
    private final Map<Integer, LinkCounts> atStart = new HashMap<>();
    private final Map<Integer, LinkCounts> atEnd = new HashMap<>();
    private boolean isClosed;

    /** Begins to count for a tunnel that has just been opened. */
    synchronized void begin(LiveTunnel tunnel) {
        int index = tunnel.device().interfaceIndex();
        atStart.put(index, tunnel.device().isPersistent() ? counts(index) : LinkCounts.NONE);
    }

    private LinkCounts counts(int index) {
        return netlink.counts(index).orElse(LinkCounts.NONE);
    }

    /**
     * Adds what a tunnel's device lost so far; nothing when it is not in this network namespace.
     *
     * @param drops that were counted here, of which the device counts some, too
     */
    synchronized void addTo(Map<DropReason, Long> drops, LiveTunnel tunnel) {
        int index = tunnel.device().interfaceIndex();
        LinkCounts before = atStart.get(index);
        if (before == null) {
            return;
        }
        LinkCounts lost = (isClosed ? atEnd.get(index) : counts(index)).since(before);
        // a packet that it refuses to take, the kernel counts as well
        long refused =
                drops.getOrDefault(DropReason.DEVICE_DOWN, 0L)
                        + drops.getOrDefault(DropReason.DEVICE_REFUSED, 0L);
        add(drops, DropReason.HOST_DROPPED, lost.receivedDropped() - refused);
        add(drops, DropReason.DEVICE_QUEUE_FULL, lost.sentDropped());
        add(drops, DropReason.DEVICE_QDISC, lost.qdiscDropped());
    }

    private static void add(Map<DropReason, Long> drops, DropReason reason, long packets) {
        if (packets > 0) {
            drops.put(reason, packets);
        }
    }

    /** Counts a last time, while the devices are there. */
    @Override
    public synchronized void close() {
        if (!isClosed) {
            atStart.keySet().forEach(index -> atEnd.put(index, counts(index)));
            isClosed = true;
            netlink.close();
        }
    }
}

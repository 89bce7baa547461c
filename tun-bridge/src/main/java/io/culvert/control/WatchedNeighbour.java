package io.culvert.control;

import io.culvert.linux.LinuxException;
import io.culvert.netlink.IpPrefix;
import io.culvert.netlink.Neighbour;
import io.culvert.netlink.NeighbourState;
import io.culvert.netlink.NeighbourTable;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;

/**
 * A neighbour that tunnels' packets are sent to, and its entry in the kernel's table.
 *
 * <p>The kernel asks a neighbour again when it sends to it by an entry that has become stale.
 * Packets that go round the kernel do not count, so that its address would be believed for ever:
 * hence the entry is used from here, as by a packet, once each time that it becomes stale or goes.
 * One that failed is left: packets that go through the kernel ask for it.
 *
 * <p>Confined to one thread.
 */
final class WatchedNeighbour {
    private static final long LEAST_NANOS_BETWEEN_USES = TimeUnit.SECONDS.toNanos(1);

    /** Nothing is to be done. */
    static final long NEVER = Long.MAX_VALUE;

    /** Which one it is. */
    record Key(int interfaceIndex, InetAddress address) {
        @Override
        public String toString() {
            return IpPrefix.text(address);
        }
    }

    private final Key key;
    private Neighbour entry; // null when there is none
    private boolean wasUsed;
    private long usedNanos;
    private long dueNanos = NEVER;
    private boolean isSilent;

    WatchedNeighbour(Key key) {
        this.key = key;
    }

    Key key() {
        return key;
    }

    /** Its Ethernet address, or {@link Neighbour#NO_LINK_ADDRESS} when it cannot be sent to. */
    long linkAddress() {
        return entry != null && entry.isUsable() ? entry.linkAddress() : Neighbour.NO_LINK_ADDRESS;
    }

    /** Whether it was asked and did not answer. */
    boolean isSilent() {
        return isSilent;
    }

    /** When it has to be looked at again at the latest, or {@link #NEVER}. */
    long dueNanos() {
        return dueNanos;
    }

    /**
     * Looks at the entry as it is now, and uses it if it needs that.
     *
     * @return a sentence for a person when something changed that matters; otherwise empty
     */
    String look(NeighbourTable table, String interfaceName, long nowNanos) {
        dueNanos = NEVER;
        try {
            entry = table.find(key.interfaceIndex(), key.address()).orElse(null);
            if (needsUse()) {
                use(table, nowNanos);
            }
        } catch (LinuxException e) {
            // of an interface that went, whose events follow; or of a table that is full
            entry = null;
            dueNanos = nowNanos + LEAST_NANOS_BETWEEN_USES;
        }
        return change(interfaceName);
    }

    private boolean needsUse() {
        return entry == null
                || entry.state() == NeighbourState.NONE
                || entry.state() == NeighbourState.STALE && !entry.isKeptByOthers();
    }

    private void use(NeighbourTable table, long nowNanos) {
        if (wasUsed && nowNanos - usedNanos < LEAST_NANOS_BETWEEN_USES) {
            dueNanos = usedNanos + LEAST_NANOS_BETWEEN_USES;
            return;
        }
        wasUsed = true;
        usedNanos = nowNanos;
        table.use(key.interfaceIndex(), key.address());
        // links without such questions have their answer at once, and tell nobody
        entry = table.find(key.interfaceIndex(), key.address()).orElse(null);
    }

    private String change(String interfaceName) {
        boolean hasFailed = entry != null && entry.state() == NeighbourState.FAILED;
        if (hasFailed && !isSilent) {
            isSilent = true;
            return "next hop %s on %s does not answer; packets go by the raw socket, which asks for it"
                    .formatted(key, interfaceName);
        }
        if (isSilent && linkAddress() != Neighbour.NO_LINK_ADDRESS) {
            isSilent = false;
            return "next hop %s on %s answers again".formatted(key, interfaceName);
        }
        return "";
    }
}

package io.culvert.control;

import io.culvert.device.QueueHolders;
import io.culvert.netlink.Link;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Tells of other processes that open queues of a tunnel's device. A persistent device that was made
 * for several queues gives one to whoever asks, and each queue a share of the flows: what goes to
 * somebody else's is lost to the tunnel.
 */
final class ForeignQueues {
    private static final System.Logger LOG = System.getLogger("culvert");

    private final Set<Integer> shared = new HashSet<>();

    /** Why the device of an already existing link cannot be had; empty when it can. */
    static String objection(Link link) {
        return link.queues() == 0
                ? ""
                : "%s: %s; end that one, or use another name"
                        .formatted(link.name(), sharing(link.name(), link.queues()));
    }

    /** Looks at a device of ours that has changed; one line when it begins or ends to be shared. */
    void look(LiveTunnel tunnel, Link link) {
        int own = (int) tunnel.devices().stream().filter(d -> !d.isWriteOnly()).count();
        int foreign = link.queues() - own;
        if (foreign > 0 && shared.add(link.index())) {
            say(tunnel.name() + ": " + sharing(link.name(), foreign));
        } else if (foreign <= 0 && shared.remove(link.index())) {
            say(tunnel.name() + ": no other process has a queue of the device any more");
        }
    }

    private static String sharing(String deviceName, int queues) {
        List<String> holders = QueueHolders.others(deviceName);
        return "%s has %d of its queues open and takes a share of the packets"
                .formatted(
                        holders.isEmpty() ? "another process" : String.join(" and ", holders),
                        queues);
    }

    private static void say(String sentence) {
        LOG.log(System.Logger.Level.INFO, sentence);
    }
}

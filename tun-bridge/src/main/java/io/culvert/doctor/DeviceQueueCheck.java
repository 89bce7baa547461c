package io.culvert.doctor;

import io.culvert.netlink.Link;
import io.culvert.netlink.LinkCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the device's own queue loses packets before Culvert reads them, or gives them away. */
final class DeviceQueueCheck implements Check {
    private static final String ID = "device-queue";
    private static final int LONGER = 4;

    /** Above this a queue has been made longer, and what is counted may be of the time before. */
    private static final int MOST_BY_ITSELF = 2000;

    @Override
    public List<Finding> examine(Patient patient) {
        Optional<Link> device = patient.device();
        if (device.isEmpty() || !device.get().kind().equals("tun")) {
            return List.of();
        }
        String name = device.get().name();
        List<Finding> findings = new ArrayList<>();
        List<String> holders = patient.host().queueHolders(name);
        if (holders.size() > 1) {
            findings.add(
                    Finding.error(
                            "device-shared",
                            "queues of " + name + " are open in " + String.join(", ", holders),
                            "the kernel gives each process a share of the packets: what goes to"
                                    + " another one is lost to the tunnel",
                            "kill the process that is no culvert, or give each a device of its"
                                    + " own"));
        }
        patient.host()
                .counts(device.get().index())
                .ifPresent(counts -> findings.addAll(losses(name, counts)));
        return findings;
    }

    private static List<Finding> losses(String name, LinkCounts counts) {
        List<Finding> findings = new ArrayList<>();
        String queue = ", with room for " + counts.transmitQueue();
        if (counts.sentDropped() > 0 && counts.transmitQueue() <= MOST_BY_ITSELF) {
            findings.add(
                    Finding.warning(
                            "device-queue-full",
                            "ip -s link show %s: TX dropped %d%s"
                                    .formatted(name, counts.sentDropped(), queue),
                            "so many packets found the device's queue full: they came faster than"
                                    + " culvert read them. TCP sends them again",
                            "ip link set %s txqueuelen %d"
                                    .formatted(name, LONGER * counts.transmitQueue())));
        }
        if (counts.qdiscDropped() > 0) {
            findings.add(
                    Finding.warning(
                            "device-qdisc-drops",
                            "tc -s qdisc show dev %s: dropped %d"
                                    .formatted(name, counts.qdiscDropped()),
                            "the queueing discipline in front of the device drops packets, as one"
                                    + " does that limits a rate or a delay",
                            "tc qdisc show dev " + name));
        }
        return findings.isEmpty()
                ? List.of(
                        Finding.ok(
                                ID,
                                "TX dropped %d of %s%s"
                                        .formatted(counts.sentDropped(), name, queue)))
                : findings;
    }
}

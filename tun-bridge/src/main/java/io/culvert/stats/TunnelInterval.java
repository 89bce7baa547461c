package io.culvert.stats;

import java.util.List;

/**
 * What a tunnel did between two samples.
 *
 * @param seconds between the two
 */
record TunnelInterval(TunnelSample before, TunnelSample now, double seconds) {

    double receivedBits() {
        return perSecond(8 * (now.received().bytes() - before.received().bytes()));
    }

    double receivedPackets() {
        return perSecond(now.received().packets() - before.received().packets());
    }

    double sentBits() {
        return perSecond(8 * (now.sent().bytes() - before.sent().bytes()));
    }

    double sentPackets() {
        return perSecond(now.sent().packets() - before.sent().packets());
    }

    /** Packets a second that ended in the tunnel, both ways. */
    double lost() {
        return perSecond(drops().stream().mapToLong(Drop::packets).sum());
    }

    /** The drops of the interval alone. */
    List<Drop> drops() {
        return now.drops().stream()
                .map(
                        drop ->
                                new Drop(
                                        drop.reason(),
                                        drop.isReceived(),
                                        drop.since(before.drops()),
                                        drop.description()))
                .filter(drop -> drop.packets() > 0)
                .toList();
    }

    Latency latencySent() {
        return now.latencySent().since(before.latencySent());
    }

    Latency latencyReceived() {
        return now.latencyReceived().since(before.latencyReceived());
    }

    private double perSecond(long count) {
        return seconds > 0 ? count / seconds : 0;
    }
}

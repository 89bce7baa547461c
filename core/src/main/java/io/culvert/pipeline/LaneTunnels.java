package io.culvert.pipeline;

import io.culvert.observe.Counters;
import io.culvert.observe.Counters.Count;
import io.culvert.observe.PacketTrace;
import io.culvert.offload.Coalescer;
import io.culvert.offload.HostMerges;
import io.culvert.packet.PacketBatch;
import io.culvert.tunnel.Decapsulator;
import io.culvert.tunnel.TunnelEndpoint;
import io.culvert.tunnel.TunnelTable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The tunnels of one lane, by the index that stands in {@code PacketBatch.tunnel}. Confined to the
 * lane's thread, but for {@link #strayCounters}.
 */
public final class LaneTunnels {
    private final Counters strayCounters = new Counters();
    private final Decapsulator decapsulator = new Decapsulator(TunnelTable.EMPTY);
    private final HostMerges hostMerges;
    private final Coalescer coalescer;
    private final SegmentDelivery segmentDelivery = new SegmentDelivery(false);
    private final SegmentDelivery frameDelivery = new SegmentDelivery(true);
    private final PacketTrace trace = new PacketTrace();
    private TunnelPort[] ports = {};
    private long batchNumber;

    /** Those of a host that does not join datagrams unless they tell. */
    public LaneTunnels() {
        this(() -> false);
    }

    /**
     * @param hostJoinsDatagrams as {@link HostMerges} asks it
     */
    public LaneTunnels(BooleanSupplier hostJoinsDatagrams) {
        hostMerges = new HostMerges(hostJoinsDatagrams);
        coalescer = new Coalescer(hostMerges);
    }

    /**
     * Sets the lane's tunnels.
     *
     * @param tunnels ports whose endpoints have the indices 0, 1, 2 ...
     * @throws IllegalArgumentException when nothing would tell the packets of two tunnels apart
     */
    public void tunnels(List<TunnelPort> tunnels) {
        List<TunnelEndpoint> endpoints = tunnels.stream().map(TunnelPort::endpoint).toList();
        for (int i = 0; i < endpoints.size(); i++) {
            if (endpoints.get(i).index() != i) {
                throw new IllegalArgumentException(
                        endpoints.get(i).spec().name() + " does not have the index " + i);
            }
        }
        decapsulator.table(new TunnelTable(endpoints));
        ports = tunnels.toArray(TunnelPort[]::new);
        tunnels.forEach(port -> port.trace(trace));
    }

    /**
     * Binds tunnels to other links than before.
     *
     * @param links interface indices, or {@link TunnelEndpoint#NO_LINK}, by the tunnels' indices
     */
    public void bindToLinks(Map<Integer, Integer> links) {
        links.forEach((tunnel, link) -> ports[tunnel].endpoint().linkIndex(link));
        decapsulator.table(
                new TunnelTable(Arrays.stream(ports).map(TunnelPort::endpoint).toList()));
    }

    /** Where the lane's packets can be watched. */
    public PacketTrace trace() {
        return trace;
    }

    /** Counts of received packets that belong to no tunnel; any thread. */
    public Counters strayCounters() {
        return strayCounters;
    }

    Decapsulator decapsulator() {
        return decapsulator;
    }

    HostMerges hostMerges() {
        return hostMerges;
    }

    SegmentDelivery segmentDelivery(boolean isEthernet) {
        return isEthernet ? frameDelivery : segmentDelivery;
    }

    Coalescer coalescer() {
        return coalescer;
    }

    TunnelPort port(int index) {
        return ports[index];
    }

    /** A number for a received batch; the lane's underlays share the sequence. */
    long nextBatchNumber() {
        return ++batchNumber;
    }

    /** Counts how the packets of a received batch ended, a run of one tunnel's at a time. */
    void settleReceived(PacketBatch batch) {
        long tookNanos = System.nanoTime() - batch.readNanos();
        if (trace.isWatched()) {
            trace.settleReceived(batch);
        }
        int size = batch.size();
        for (int from = 0, to; from < size; from = to) {
            int tunnel = batch.tunnel(from);
            to = from + 1;
            while (to < size && batch.tunnel(to) == tunnel) {
                to++;
            }
            if (tunnel == PacketBatch.NO_TUNNEL) {
                settleStrays(batch, from, to);
            } else {
                ports[tunnel].settleReceived(batch, from, to, tookNanos);
            }
        }
    }

    private void settleStrays(PacketBatch batch, int from, int to) {
        strayCounters.add(Count.RECEIVED, to - from);
        for (int slot = from; slot < to; slot++) {
            strayCounters.drop(batch.dropReason(slot));
        }
    }
}

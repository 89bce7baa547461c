package io.culvert.pipeline;

import io.culvert.observe.Counters;
import io.culvert.observe.Counters.Count;
import io.culvert.observe.LatencyRecorder;
import io.culvert.observe.PacketTrace;
import io.culvert.offload.DeviceOffload;
import io.culvert.offload.Segmenter;
import io.culvert.packet.BatchLedger;
import io.culvert.packet.BatchPool;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketBatch.Replacement;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.Encapsulator;
import io.culvert.tunnel.IcmpErrors;
import io.culvert.tunnel.IdentificationSequence;
import io.culvert.tunnel.InnerIcmp;
import io.culvert.tunnel.LaneShare;
import io.culvert.tunnel.OuterError;
import io.culvert.tunnel.PathMtu;
import io.culvert.tunnel.TunnelEndpoint;
import io.netty.channel.Channel;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One tunnel in one lane: its two ends, its two channels and its counters.
 *
 * <p>Confined to the lane's thread, but for {@link #counters}, {@link #lastError} and the
 * latencies.
 */
public final class TunnelPort {
    private final TunnelEndpoint endpoint;
    private final LaneShare share;

    /** The slots of batches for segments hold as much. */
    public static final int SEGMENT_SLOT_BYTES = Segmenter.MAX_HEADER_BYTES;

    private final Counters counters = new Counters();
    private final LatencyRecorder transmitLatency = new LatencyRecorder();
    private final LatencyRecorder receiveLatency = new LatencyRecorder();
    private final PathMtu pathMtu;
    private final IcmpErrors icmpErrors;
    private final Encapsulator encapsulator;
    private final ChannelOutlet wireOutlet;
    private final ChannelOutlet deviceOutlet;
    private final ChannelOutlet segmentOutlet;
    private final BatchLedger transmitLedger = this::settleTransmitted;
    private final TunnelKeepalive keepalive;
    private Channel device;
    private Channel underlay;
    private volatile OuterError lastError;
    private Runnable onNarrowerPath = () -> {};
    private PacketTrace trace = new PacketTrace();
    private SuperPacketSender superPackets;
    private DeviceOffload offload;
    private volatile int innerMtu;

    /** The last received batch that had packets for this port. */
    long batchNumber;

    /** A tunnel in the only lane that carries it. */
    public TunnelPort(TunnelEndpoint endpoint, int underlayMtu, BatchPool pool) {
        this(endpoint, underlayMtu, pool, LaneShare.whole());
    }

    /**
     * @param endpoint the receiving end, with the tunnel's index in the lane
     * @param underlayMtu the MTU of the route to the remote, in bytes
     * @param pool batches for fragments and ICMP errors
     * @param share which lane it is
     */
    public TunnelPort(TunnelEndpoint endpoint, int underlayMtu, BatchPool pool, LaneShare share) {
        this.endpoint = endpoint;
        this.share = share;
        this.pathMtu = new PathMtu(underlayMtu);
        this.wireOutlet = new ChannelOutlet(pool, this::settleFragments, endpoint.index());
        this.deviceOutlet = new ChannelOutlet(pool, this::settleIcmpErrors, endpoint.index());
        this.segmentOutlet = new ChannelOutlet(pool, this::settleSegments, endpoint.index());
        TunnelSpec spec = endpoint.spec();
        this.offload = new DeviceOffload(spec.payload().isEthernet(), false, false);
        InnerIcmp innerIcmp = new InnerIcmp(deviceOutlet, spec.payload());
        this.icmpErrors = new IcmpErrors(spec, pathMtu, innerIcmp, share);
        this.encapsulator =
                new Encapsulator(
                        spec,
                        pathMtu,
                        icmpErrors,
                        innerIcmp,
                        wireOutlet,
                        IdentificationSequence.of(share, ThreadLocalRandom.current()));
        this.keepalive = new TunnelKeepalive(endpoint, encapsulator, counters, pool);
    }

    /** Joins the tunnel's device to the underlay that carries it. */
    public void connect(Channel deviceChannel, Channel underlayChannel) {
        device = deviceChannel;
        underlay = underlayChannel;
        deviceOutlet.channel(deviceChannel);
        segmentOutlet.channel(deviceChannel);
        wireOutlet.channel(underlayChannel);
        keepalive.underlay(underlayChannel);
    }

    /**
     * Prepares for a device that gives and takes super-packets. Before any packet, once connected.
     *
     * @param segmentPool batches for the headers of segments, with slots of {@link
     *     #SEGMENT_SLOT_BYTES}
     * @param takesUdp whether it takes super-packets of UDP, too
     */
    public void offload(BatchPool segmentPool, boolean takesUdp) {
        superPackets =
                new SuperPacketSender(
                        new ChannelOutlet(segmentPool, transmitLedger, endpoint.index(), underlay),
                        encapsulator,
                        offload.isEthernet());
        offload = new DeviceOffload(offload.isEthernet(), true, takesUdp);
    }

    /** Has something run, on the lane's thread, when an error tells of a narrower path. */
    public void onNarrowerPath(Runnable action) {
        onNarrowerPath = action;
    }

    /** Shows packets where the lane's are watched. */
    void trace(PacketTrace lanesTrace) {
        trace = lanesTrace;
        keepalive.trace(lanesTrace);
    }

    /** The device's MTU in bytes, also after it was changed. Lane thread once connected. */
    public void innerMtu(int mtu) {
        innerMtu = mtu;
        endpoint.innerMtu(mtu);
    }

    /** The device's MTU in bytes, as far as it is known here; any thread. */
    public int innerMtu() {
        return innerMtu;
    }

    public TunnelEndpoint endpoint() {
        return endpoint;
    }

    public TunnelSpec spec() {
        return endpoint.spec();
    }

    public Counters counters() {
        return counters;
    }

    /** From when a batch was read from the device until its packets were on the wire. */
    public LatencyRecorder transmitLatency() {
        return transmitLatency;
    }

    /** From when a batch was read from the wire until its packets were written to the device. */
    public LatencyRecorder receiveLatency() {
        return receiveLatency;
    }

    public PathMtu pathMtu() {
        return pathMtu;
    }

    /** The sending end; {@link Encapsulator#close} stops and resumes it. */
    public Encapsulator encapsulator() {
        return encapsulator;
    }

    /** The tunnel's keepalives in this lane. */
    public TunnelKeepalive keepalive() {
        return keepalive;
    }

    /** The last ICMP error about a packet of this tunnel, or null; any thread. */
    public OuterError lastError() {
        return lastError;
    }

    Channel device() {
        return device;
    }

    /** Encapsulates what the device handed over, and sends it with what came into being beside. */
    void transmit(PacketBatch batch) {
        batch.ledger(transmitLedger);
        long nowNanos = batch.readNanos();
        if (batch.hasSuperPackets()) {
            superPackets.send(batch, pathMtu.outerMtu(nowNanos), nowNanos);
        } else {
            encapsulator.encapsulate(batch, nowNanos);
        }
        BatchWriter.write(underlay, batch);
        wireOutlet.flush();
        deviceOutlet.flush();
    }

    /**
     * Delivers this tunnel's packets of a received batch; takes over one reference to it.
     *
     * @param lane the lane's tunnels
     */
    void deliver(PacketBatch batch, LaneTunnels lane) {
        int tunnel = endpoint.index();
        if (!offload.takesUdp()
                && lane.hostMerges().mayBeIn(batch)
                && lane.hostMerges().mark(batch, tunnel, innerMtu, offload)) {
            lane.segmentDelivery(offload.isEthernet()).deliver(batch, tunnel, segmentOutlet);
            batch.release();
            return;
        }
        if (offload.takesTcp()) {
            lane.coalescer().coalesce(batch, tunnel, innerMtu, offload);
        }
        BatchWriter.toDevice(this, batch);
    }

    /** Acts on an error about one of this tunnel's outer packets; every lane is told of it. */
    void acceptError(OuterError error, long nowNanos) {
        if (share.isFirst()) {
            counters.add(Count.ICMP_ERRORS_RECEIVED, 1);
            lastError = error;
        }
        if (icmpErrors.accept(error, nowNanos)) {
            onNarrowerPath.run();
        }
        deviceOutlet.flush();
    }

    /**
     * Counts how received packets ended that follow one another and are all this tunnel's.
     *
     * @param from the first one's slot
     * @param to the slot behind the last one's
     * @param tookNanos since the batch was read
     */
    void settleReceived(PacketBatch batch, int from, int to, long tookNanos) {
        if (batch.isAllLive()) {
            settleDelivered(to - from, batch.totalBytes(from, to), tookNanos);
            counters.add(Count.RECEIVED, to - from);
            return;
        }
        long delivered = 0;
        long deliveredBytes = 0;
        int segmented = 0;
        for (int slot = from; slot < to; slot++) {
            if (batch.dropReason(slot) != null) {
                counters.drop(batch.dropReason(slot));
            } else if (batch.replacement(slot) != null) {
                if (batch.replacement(slot) == Replacement.SEGMENTS) {
                    segmented++; // each of them is counted in its own batch
                } else {
                    counters.add(Count.KEEPALIVES_RECEIVED, 1);
                }
            } else {
                delivered++;
                deliveredBytes += batch.lengthBytes(slot);
            }
        }
        counters.add(Count.RECEIVED, to - from - segmented);
        settleDelivered(delivered, deliveredBytes, tookNanos);
    }

    private void settleDelivered(long packets, long bytes, long tookNanos) {
        counters.add(Count.DELIVERED, packets);
        counters.add(Count.DELIVERED_BYTES, bytes);
        if (packets > 0) {
            receiveLatency.record(tookNanos, packets);
        }
    }

    /** Counts the packets that were delivered instead of those that the host had joined. */
    private void settleSegments(PacketBatch batch) {
        long tookNanos = System.nanoTime() - batch.readNanos();
        long delivered = 0;
        long deliveredBytes = 0;
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            if (batch.dropReason(slot) != null) {
                counters.drop(batch.dropReason(slot));
            } else {
                delivered++;
                deliveredBytes += batch.totalBytes(slot);
            }
        }
        counters.add(Count.RECEIVED, batch.size());
        settleDelivered(delivered, deliveredBytes, tookNanos);
    }

    private void settleTransmitted(PacketBatch batch) {
        // one look at the clock for all packets: it was one system call that sent them
        long nowNanos = System.nanoTime();
        long tookNanos = nowNanos - batch.readNanos();
        if (!batch.isAllLive()) {
            sendRefusedAgain(batch, nowNanos);
        }
        if (trace.isWatched()) {
            trace.settleTransmitted(batch, endpoint.index());
        }
        int overheadBytes = encapsulator.overheadBytes();
        int size = batch.size();
        if (batch.isAllLive()) {
            settleSent(size, batch.totalBytes(0, size) - (long) size * overheadBytes);
            counters.add(Count.READ, size);
            recordTransmitted(tookNanos, size);
            return;
        }
        long read = 0;
        long sent = 0;
        long sentBytes = 0;
        long sentWhole = 0;
        for (int slot = 0; slot < size; slot++) {
            Replacement replacement = batch.replacement(slot);
            if (replacement == Replacement.SEGMENTS) {
                continue; // each of them is counted in its own batch
            }
            read++;
            if (batch.dropReason(slot) != null) {
                counters.drop(batch.dropReason(slot));
            } else {
                sent++;
                sentWhole += replacement == null ? 1 : 0;
                sentBytes += batch.totalBytes(slot) - (replacement == null ? overheadBytes : 0);
            }
        }
        counters.add(Count.READ, read);
        settleSent(sent, sentBytes);
        recordTransmitted(tookNanos, sentWhole);
    }

    private void settleSent(long packets, long bytes) {
        counters.add(Count.SENT, packets);
        counters.add(Count.SENT_BYTES, bytes);
    }

    private void recordTransmitted(long tookNanos, long packets) {
        if (packets > 0) {
            transmitLatency.record(tookNanos, packets);
        }
    }

    /**
     * The underlay's MTU may have become smaller a moment ago, and the first packet to meet it is
     * not to be lost without a word.
     */
    private void sendRefusedAgain(PacketBatch batch, long nowNanos) {
        boolean isRefused = false;
        boolean isNarrower = false;
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            if (batch.dropReason(slot) == DropReason.UNDERLAY_TOO_BIG) {
                isRefused = true;
                isNarrower |= encapsulator.encapsulateRefused(batch, slot, nowNanos);
            }
        }
        if (isRefused) {
            wireOutlet.flush();
            deviceOutlet.flush();
        }
        if (isNarrower) {
            onNarrowerPath.run();
        }
    }

    private void settleFragments(PacketBatch batch) {
        if (trace.isWatched()) {
            trace.settleFragments(batch, endpoint.index());
        }
        int sent = 0;
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            if (batch.dropReason(slot) != null) {
                counters.drop(batch.dropReason(slot));
            } else {
                sent++;
            }
        }
        counters.add(Count.FRAGMENTS_MADE, batch.size());
        counters.add(Count.FRAGMENTS_SENT, sent);
    }

    private void settleIcmpErrors(PacketBatch batch) {
        if (trace.isWatched()) {
            trace.settleAnswers(batch, endpoint.index());
        }
        int written = 0;
        for (int slot = 0, size = batch.size(); slot < size; slot++) {
            written += batch.isLive(slot) ? 1 : 0;
        }
        counters.add(Count.ICMP_ERRORS_WRITTEN, written);
        counters.add(Count.ICMP_ERRORS_LOST, batch.size() - written);
    }
}

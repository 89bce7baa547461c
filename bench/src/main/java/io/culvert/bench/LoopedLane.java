package io.culvert.bench;

import io.culvert.observe.Counters.Count;
import io.culvert.observe.TraceOptions;
import io.culvert.observe.TraceRecord;
import io.culvert.observe.TraceTap;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab.MemorySource;
import io.culvert.pipeline.LaneTunnels;
import io.culvert.pipeline.TunnelPipeline;
import io.culvert.pipeline.TunnelPort;
import io.culvert.spec.TunnelSpec;
import io.culvert.tunnel.TunnelEndpoint;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A lane with both ends of a tunnel in it, whose underlay hands back what it is given: the real
 * pipeline between devices and a wire that cost nothing.
 */
final class LoopedLane {
    private static final int SLOT_BYTES = 1500;
    private static final int SPARE_BATCHES = 2;

    private final BatchPool[] pools;
    private final int bytes;
    private final LaneTunnels tunnels = new LaneTunnels();
    private final TraceRecord record = new TraceRecord();
    private final EmbeddedChannel underlay = new EmbeddedChannel();
    private final EmbeddedChannel device = new EmbeddedChannel();
    private final EmbeddedChannel peerDevice = new EmbeddedChannel();
    private final TunnelPort port;
    private final TunnelPort peer;
    private TraceTap tap;
    private int turn;
    private long packetsRead;
    private long batchesDelivered;

    /**
     * @param tunnel the tunnel's name
     * @param slots packets in each batch
     * @param bytes length of each IP packet; a frame is its header longer
     */
    LoopedLane(String tunnel, int slots, int bytes) {
        TunnelSpec spec = MeasuredTunnel.spec(tunnel);
        this.bytes = bytes + spec.payload().linkHeaderBytes();
        pools = new BatchPool[PacketRounds.PACKETS / slots];
        fillPools(slots, spec, bytes);
        BatchPool spare =
                new BatchPool(SPARE_BATCHES, slots, SLOT_BYTES, MemorySource.WITHOUT_ADDRESS);
        port = new TunnelPort(new TunnelEndpoint(spec, 0, 0), MeasuredTunnel.OUTER_MTU, spare);
        TunnelSpec peerSpec = MeasuredTunnel.peer(tunnel);
        peer = new TunnelPort(new TunnelEndpoint(peerSpec, 1, 0), MeasuredTunnel.OUTER_MTU, spare);
        tunnels.tunnels(List.of(port, peer));

        underlay.pipeline().addLast("wire", new HandBack());
        TunnelPipeline.onUnderlay(underlay.pipeline(), tunnels);
        TunnelPipeline.onDevice(device.pipeline(), port);
        peerDevice.pipeline().addLast("sink", new Sink());
        TunnelPipeline.onDevice(peerDevice.pipeline(), peer);
        port.connect(device, underlay);
        peer.connect(peerDevice, underlay);
    }

    /**
     * Has the device read the next batch.
     *
     * @return batches that came out at the peer's device, since the start
     */
    long send() {
        turn = turn + 1 & pools.length - 1;
        PacketBatch batch = pools[turn].acquire();
        // The packets are still there: headers came and went in front of them.
        while (!batch.isFull()) {
            batch.append(bytes);
        }
        packetsRead += batch.size();
        device.pipeline().fireChannelRead(batch);
        return batchesDelivered;
    }

    /** Has the packets traced that come from the wire, one in so many. */
    void watch(int sampleOneIn) {
        TraceOptions options =
                new TraceOptions(TraceOptions.DEFAULT_SNAP_BYTES, sampleOneIn, false, Set.of());
        tap = new TraceTap(options, 0, 1, TraceTap.allocateMemory());
        tunnels.trace().attach(tap);
    }

    /** As {@link #send}, and takes what was traced out of the ring. */
    long sendAndReadTrace() {
        long delivered = send();
        while (tap.peek(record)) {
            tap.advance();
        }
        return delivered;
    }

    /** Fails unless every packet that was read came out at the other end. */
    void close() {
        long delivered = peer.counters().get(Count.DELIVERED);
        if (delivered != packetsRead) {
            throw new IllegalStateException(
                    delivered + " of " + packetsRead + " packets came through: " + port.counters());
        }
        underlay.finishAndReleaseAll();
        device.finishAndReleaseAll();
        peerDevice.finishAndReleaseAll();
    }

    /** A pool for each batch: one pool for all would give the same batch every time. */
    private void fillPools(int slots, TunnelSpec spec, int ipBytes) {
        SplittableRandom random = new SplittableRandom(47);
        for (int i = 0; i < pools.length; i++) {
            pools[i] = new BatchPool(1, slots, SLOT_BYTES, MemorySource.WITHOUT_ADDRESS);
            PacketBatch batch = pools[i].acquire();
            PacketRounds.fill(
                    batch,
                    MeasuredTunnel.innerVersion(spec),
                    spec.payload().isEthernet(),
                    ipBytes,
                    random);
            batch.release();
        }
    }

    /** The wire's end: what is sent has been received. */
    private static final class HandBack extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            context.fireChannelRead(message);
        }

        @Override
        public void flush(ChannelHandlerContext context) {
            // nothing waits
        }
    }

    /** The device's end: what is delivered is gone. */
    private final class Sink extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ((PacketBatch) message).release();
            batchesDelivered++;
        }

        @Override
        public void flush(ChannelHandlerContext context) {
            // nothing waits
        }
    }
}

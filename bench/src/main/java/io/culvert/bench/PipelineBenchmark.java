package io.culvert.bench;

import io.culvert.packet.PacketBatch;
import io.culvert.tunnel.Decapsulator;
import io.culvert.tunnel.Encapsulator;
import io.culvert.tunnel.TunnelEndpoint;
import io.culvert.tunnel.TunnelTable;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does Netty's pipeline cost a packet that walks it in a batch, and one that walks it alone?
 *
 * <p>From the device of one tunnel through the real handlers to the underlay, there and then back
 * as its peer's, to that one's device: each packet is encapsulated, decapsulated and counted.
 */
@Asks("What does the pipeline cost a packet in a batch, and one alone? There and back")
@State(Scope.Thread)
public class PipelineBenchmark extends PerPacket {
    private static final int SAMPLE_ONE_IN = 100;

    @Param({"gre", "gre-csum", "gretap", "ip6gre"})
    public String tunnel;

    @Param({"64", "512", "1400"})
    public int bytes;

    private LoopedLane batches;
    private LoopedLane watched;
    private LoopedLane sampled;
    private LoopedLane singles;
    private CodecLoop codecs;
    private PacketRounds packets;
    private Encapsulator encapsulator;
    private Decapsulator decapsulator;

    @Setup
    public void open() {
        batches = new LoopedLane(tunnel, BATCH, bytes);
        watched = new LoopedLane(tunnel, BATCH, bytes);
        watched.watch(1);
        sampled = new LoopedLane(tunnel, BATCH, bytes);
        sampled.watch(SAMPLE_ONE_IN);
        singles = new LoopedLane(tunnel, 1, bytes);
        codecs = new CodecLoop(tunnel, bytes);
        packets = new PacketRounds(MeasuredTunnel.spec(tunnel), bytes);
        encapsulator = MeasuredTunnel.encapsulator(MeasuredTunnel.spec(tunnel));
        TunnelEndpoint peer = new TunnelEndpoint(MeasuredTunnel.peer(tunnel), 0, 0);
        decapsulator = new Decapsulator(new TunnelTable(List.of(peer)));
    }

    @TearDown
    public void close() {
        batches.close();
        watched.close();
        sampled.close();
        singles.close();
        codecs.close();
        packets.requireAllLive();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long batches() {
        return batches.send();
    }

    /**
     * While somebody traces the way back and reads as fast as it comes: what a trace costs the
     * lane. Without a trace it costs {@link #batches}, in which it is asked for once a batch.
     */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long tracedBatches() {
        return watched.sendAndReadTrace();
    }

    /** The same with a sample of one packet in 100. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long sampledBatches() {
        return sampled.sendAndReadTrace();
    }

    /** The same handlers, but every message is a batch of one. */
    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public long packets() {
        for (int i = 1; i < BATCH; i++) {
            singles.send();
        }
        return singles.send();
    }

    /** As programs on Netty do it: a pooled buffer per packet, through {@code TunnelCodec}. */
    @Benchmark
    @Baseline
    @OperationsPerInvocation(BATCH)
    public long byteBufs() {
        for (int i = 1; i < BATCH; i++) {
            codecs.send();
        }
        return codecs.send();
    }

    /** Encapsulated and decapsulated by plain calls, counted by nobody. */
    @Benchmark
    @Floor
    @OperationsPerInvocation(BATCH)
    public int withoutPipeline() {
        PacketBatch batch = packets.next();
        encapsulator.encapsulate(batch, 0);
        decapsulator.decapsulate(batch);
        return batch.lengthBytes(BATCH - 1);
    }
}

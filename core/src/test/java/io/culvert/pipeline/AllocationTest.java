package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.culvert.observe.Counters.Count;
import io.culvert.observe.TraceOptions;
import io.culvert.observe.TraceRecord;
import io.culvert.observe.TraceTap;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab.MemorySource;
import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.OuterPacket;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.Specs;
import io.culvert.tunnel.TunnelEndpoint;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** After warm-up a packet costs no garbage, through the real handlers and Netty's pipeline. */
class AllocationTest {
    private static final int SLOTS = 64;
    private static final int SHORT_ROUND_BATCHES = 100;
    private static final int LONG_ROUND_BATCHES = 1_000;
    private static final int ROUNDS = 5;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static Stream<TunnelSpec> tunnels() {
        return Stream.of(
                Specs.of(TunnelMode.GRE).build(),
                Specs.of(TunnelMode.GRE).key(7).checksum(true).sequence(true).tos(1).build(),
                Specs.of(TunnelMode.GRE).pmtudisc(false).ttl(64).build(),
                Specs.of(TunnelMode.IPIP).build(),
                Specs.of(TunnelMode.SIT).payload(Payload.IP).build());
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void sendingAllocatesNothing(TunnelSpec spec) {
        assertSendingAllocatesNothing(new Lane(spec));
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void sendingWhileSomebodyWatchesAllocatesNothing(TunnelSpec spec) {
        Lane lane = new Lane(spec);
        lane.watch();
        assertSendingAllocatesNothing(lane);
        assertThat(lane.recordsRead).isPositive();
    }

    private static void assertSendingAllocatesNothing(Lane lane) {
        byte[][] inner = {
            Ipv4Packet.ofBytes(60).tos(0xbb).bytes(),
            Ipv6Packet.ofBytes(1200).trafficClass(2).bytes(),
            Ipv4Packet.ofBytes(1400).dontFragment().bytes(),
            new byte[60],
            // too big: answered, fragmented, swallowed
            Ipv4Packet.ofBytes(1500).dontFragment().bytes(),
            Ipv4Packet.ofBytes(1500).bytes(),
            Ipv6Packet.ofBytes(1500).bytes(),
            Ipv4Packet.ofBytes(1500).dontFragment().destination(0xe000_0005).bytes()
        };
        assertNothingIsAllocated(
                () -> {
                    lane.device.pipeline().fireChannelRead(lane.batch(inner));
                    lane.readTrace();
                });
        assertThat(lane.sink.batches).isPositive();
        assertThat(lane.pool.idleCount()).isEqualTo(Lane.BATCHES);
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void receivingAllocatesNothing(TunnelSpec spec) {
        assertReceivingAllocatesNothing(spec, new Lane(Specs.peer(spec)));
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void receivingWhileSomebodyWatchesAllocatesNothing(TunnelSpec spec) {
        Lane lane = new Lane(Specs.peer(spec));
        lane.watch();
        assertReceivingAllocatesNothing(spec, lane);
        assertThat(lane.recordsRead).isPositive();
    }

    private static void assertReceivingAllocatesNothing(TunnelSpec spec, Lane lane) {
        SendingEnd peer = new SendingEnd(spec, 1500);
        byte[] whole =
                peer.send(Ipv4Packet.ofBytes(1000).tos(2).bytes()).outer().isEmpty()
                        ? peer.send(Ipv6Packet.ofBytes(1000).bytes()).only()
                        : peer.send(Ipv4Packet.ofBytes(1000).tos(2).bytes()).only();
        byte[] congested = whole.clone();
        congested[1] |= 3;
        byte[][] outer = {
            whole,
            Ipv4Packet.withHeaderChecksum(congested),
            // each dropped for another reason
            new byte[10],
            OuterPacket.gre("0000 0800", new byte[60]).bytes(),
            OuterPacket.gre("2000 0800 00000009", new byte[60]).bytes(),
            OuterPacket.gre("8000 0800 12340000", new byte[60]).bytes(),
            OuterPacket.carrying(41, new byte[60]).bytes(),
            OuterPacket.carrying(4, new byte[60]).source(1).bytes(),
            // answered or, mostly, too many
            KeepaliveTest.request(Specs.peer(spec))
        };
        assertNothingIsAllocated(
                () -> {
                    lane.underlay.pipeline().fireChannelRead(lane.batch(outer));
                    lane.readTrace();
                });
        assertThat(lane.port.counters().get(Count.RECEIVED)).isPositive();
        assertThat(lane.pool.idleCount()).isEqualTo(Lane.BATCHES);
    }

    /**
     * First before the optimising compiler has been at work, which hides objects that do not
     * escape; what a packet or a batch costs is in every round, what the JVM does once is in a few.
     * Then when it has.
     */
    private static void assertNothingIsAllocated(Runnable batch) {
        repeat(batch, SHORT_ROUND_BATCHES);
        List<Long> shortRounds = rounds(batch, SHORT_ROUND_BATCHES);
        assertThat(shortRounds.stream().filter(bytes -> bytes != 0))
                .as("bytes in rounds of %d packets", SHORT_ROUND_BATCHES * SLOTS)
                .hasSizeLessThanOrEqualTo(ROUNDS / 2);
        assertThat(rounds(batch, LONG_ROUND_BATCHES))
                .as("bytes in rounds of %d packets", LONG_ROUND_BATCHES * SLOTS)
                .contains(0L);
    }

    private static List<Long> rounds(Runnable batch, int batches) {
        List<Long> allocatedBytes = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            repeat(batch, batches);
            allocatedBytes.add(THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return allocatedBytes;
    }

    private static void repeat(Runnable batch, int times) {
        for (int i = 0; i < times; i++) {
            batch.run();
        }
    }

    /** Takes batches as a channel would that writes them at once. */
    private static final class Sink extends ChannelOutboundHandlerAdapter {
        long batches;

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            batches++;
            ((PacketBatch) message).release();
        }

        @Override
        public void flush(ChannelHandlerContext context) {
            // nothing waits
        }
    }

    private static final class Lane {
        static final int BATCHES = 4;

        final BatchPool pool = new BatchPool(BATCHES, SLOTS, 2048, MemorySource.WITHOUT_ADDRESS);
        final Sink sink = new Sink();
        final EmbeddedChannel device = new EmbeddedChannel(new Sink());
        final EmbeddedChannel underlay = new EmbeddedChannel(sink);
        final LaneTunnels tunnels = new LaneTunnels();
        final TraceRecord record = new TraceRecord();
        final TunnelPort port;
        TraceTap tap;
        long recordsRead;

        Lane(TunnelSpec spec) {
            port = new TunnelPort(new TunnelEndpoint(spec, 0, 0), 1500, pool);
            tunnels.tunnels(List.of(port));
            TunnelPipeline.onDevice(device.pipeline(), port);
            TunnelPipeline.onUnderlay(underlay.pipeline(), tunnels);
            port.connect(device, underlay);
        }

        void watch() {
            tap = new TraceTap(TraceOptions.DEFAULTS, 0, 1, TraceTap.allocateMemory());
            tunnels.trace().attach(tap);
        }

        void readTrace() {
            while (tap != null && tap.peek(record)) {
                tap.advance();
                recordsRead++;
            }
        }

        PacketBatch batch(byte[][] packets) {
            PacketBatch batch = pool.acquire();
            while (!batch.isFull()) {
                byte[] packet = packets[batch.size() % packets.length];
                batch.memory().put(batch.nextPacketAt(), packet);
                batch.append(packet.length);
            }
            return batch;
        }
    }
}

package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.culvert.observe.LatencyRecorder;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketSlab.MemorySource;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Specs;
import io.culvert.tunnel.TunnelEndpoint;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one of very many tunnels takes in a lane, counted by what is allocated for it. */
class TunnelMemoryTest {
    private static final int TUNNELS = 1_000;
    private static final int FIRST_REMOTE = 0xc612_0001;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final BatchPool pool = new BatchPool(1, 1, 1500, MemorySource.WITHOUT_ADDRESS);
    private final List<TunnelPort> ports = new ArrayList<>();

    @Test
    void aTunnelWithoutPacketsTakesAFewKilobytes() {
        assertThat(bytesOf(this::build) / TUNNELS).isLessThan(6_000);
        assertThat(ports).hasSize(TUNNELS);
    }

    @Test
    void tenThousandTunnelsWhosePacketsTookAMicrosecondToAMillisecondFitInto300Megabytes() {
        long bytes = bytesOf(this::build) + bytesOf(this::record);
        assertThat(bytes / TUNNELS).isLessThan(300_000_000 / 10_000);
        assertThat(ports)
                .allSatisfy(
                        port -> assertThat(port.receiveLatency().counts().packets()).isPositive());
    }

    private void build() {
        for (int i = 0; i < TUNNELS; i++) {
            TunnelSpec spec =
                    Specs.of(TunnelMode.GRE).remote(Specs.address(FIRST_REMOTE + i)).build();
            ports.add(new TunnelPort(new TunnelEndpoint(spec, i, 0), 1500, pool));
        }
        new LaneTunnels().tunnels(ports);
    }

    private void record() {
        for (TunnelPort port : ports) {
            record(port.transmitLatency());
            record(port.receiveLatency());
        }
    }

    private static void record(LatencyRecorder latency) {
        for (long nanos = 1_000; nanos <= 1_000_000; nanos += nanos) {
            latency.record(nanos, 1);
        }
    }

    private static long bytesOf(Runnable work) {
        long thread = Thread.currentThread().getId();
        long before = THREADS.getThreadAllocatedBytes(thread);
        work.run();
        return THREADS.getThreadAllocatedBytes(thread) - before;
    }
}

package io.culvert.offload;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.culvert.packet.PacketBatch;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.TransportChecksum;
import io.culvert.testing.UdpDatagram;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OffloadAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WARM_UP_RUNS = 3_000;
    private static final int RUNS = 1_000;
    private static final int ROUNDS = 5;

    @Test
    void splittingAllocatesNothing() {
        byte[] payload = new byte[20_000];
        List<byte[]> packets =
                List.of(
                        new TcpSegment().payload(payload).over(new Ipv4Packet()),
                        new TcpSegment().timestamps(1, 2).payload(payload).over(new Ipv6Packet()),
                        new UdpDatagram().payload(payload).over(new Ipv4Packet()),
                        new byte[100]);
        packets.subList(0, 3).forEach(TransportChecksum::leavePartial);
        PacketBatch source = Offloads.batchOf(packets);
        PacketBatch target = PacketBatch.standalone(128, Segmenter.MAX_HEADER_BYTES);
        Segmenter segmenter = new Segmenter();
        assertNothingIsAllocated(
                () -> {
                    target.clear();
                    for (int slot = 0; slot < source.size(); slot++) {
                        source.segmentBytes(slot, slot < 3 ? 1400 : 0);
                        segmenter.start(source, slot, 1400);
                        while (segmenter.hasNext()) {
                            segmenter.copyHeaderNext(target);
                        }
                    }
                });
        assertThat(target.size()).isEqualTo(15 + 16 + 15 + 1);
    }

    @Test
    void joiningAllocatesNothing() {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            TcpSegment tcp = new TcpSegment().sequence(i * 500).payload(new byte[500]);
            packets.add(tcp.over(new Ipv4Packet().identification(i)));
            packets.add(tcp.over(new Ipv6Packet()));
            packets.add(
                    new UdpDatagram()
                            .payload(new byte[500])
                            .over(new Ipv4Packet().identification(i)));
            packets.add(new Ipv4Packet().protocol(1).payload(new byte[50]).bytes());
            packets.add(new Ipv4Packet().moreFragments().payload(new byte[i % 8 * 8]).bytes());
        }
        PacketBatch batch = PacketBatch.standalone(packets.size(), 600);
        Coalescer coalescer = new Coalescer(new HostMerges(() -> false));
        assertNothingIsAllocated(
                () -> {
                    batch.clear();
                    for (int i = 0; i < packets.size(); i++) {
                        byte[] packet = packets.get(i);
                        batch.memory().put(batch.nextPacketAt(), packet);
                        batch.tunnel(batch.append(packet.length), Offloads.TUNNEL);
                    }
                    coalescer.coalesce(batch, Offloads.TUNNEL, 1476, DeviceOffload.ALL);
                });
        assertThat(batch.size()).isEqualTo(100);
    }

    /** The least of some rounds: a compiler thread or a class load may disturb one of them. */
    private static void assertNothingIsAllocated(Runnable code) {
        for (int i = 0; i < WARM_UP_RUNS; i++) {
            code.run();
        }
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least > 0; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < RUNS; i++) {
                code.run();
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isZero();
    }
}

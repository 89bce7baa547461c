package io.culvert.offload;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.culvert.packet.PacketBatch;
import io.culvert.testing.GuardedBatch;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.RandomTunnels;
import io.culvert.testing.Seeds;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.TransportChecksum;
import io.culvert.testing.UdpDatagram;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Arbitrary bytes in place of a packet: no exception, nothing read or written outside of them, and
 * segments that are no larger than they may be.
 */
class OffloadFuzzTest {
    private static final GuardedBatch GUARDED = new GuardedBatch();
    private static final int MUTANTS_PER_SEED = 5_000;
    private static final int SEGMENT_BYTES = 50;

    @Tag("fuzz")
    @FuzzTest
    void anyBytesAreSplitOrRefused(byte[] packet) {
        assertIsSplitOrRefused(packet);
    }

    @Tag("fuzz")
    @FuzzTest
    void anyBytesAreJoinedOrLeftAlone(byte[] packet) {
        assertIsLeftAlone(packet);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void mutatedPacketsAreHandledWithinTheirBytes(long seed) {
        RandomTunnels mutations = new RandomTunnels(seed);
        List<byte[]> seeds = seeds();
        int split = 0;
        for (int i = 0; i < MUTANTS_PER_SEED; i++) {
            byte[] packet = seeds.get(mutations.random().nextInt(seeds.size()));
            byte[] mutant = mutations.mutated(packet);
            split += assertIsSplitOrRefused(mutant) ? 1 : 0;
            assertIsLeftAlone(mutant);
        }
        assertThat(split).as("mutants that were split").isBetween(500, MUTANTS_PER_SEED - 500);
    }

    private static boolean assertIsSplitOrRefused(byte[] packet) {
        List<List<String>> outcomes = new ArrayList<>();
        GUARDED.outcome(
                packet,
                0,
                batch -> {
                    batch.segmentBytes(1, SEGMENT_BYTES);
                    outcomes.add(split(batch));
                });
        assertThat(outcomes.get(1)).isEqualTo(outcomes.get(0));
        return !outcomes.get(0).isEmpty();
    }

    private static List<String> split(PacketBatch source) {
        Segmenter segmenter = new Segmenter();
        List<String> segments = new ArrayList<>();
        if (segmenter.start(source, 1, 1_000)) {
            PacketBatch target = PacketBatch.standalone(1, Segmenter.MAX_HEADER_BYTES);
            target.tailSource(source);
            while (segmenter.hasNext()) {
                target.clear();
                int slot = segmenter.copyHeaderNext(target);
                assertThat(target.lengthBytes(slot)).isBetween(28, Segmenter.MAX_HEADER_BYTES);
                assertThat(target.tailBytes(slot)).isLessThanOrEqualTo(SEGMENT_BYTES);
                assertThat(target.tailStart(slot) + target.tailBytes(slot))
                        .isLessThanOrEqualTo(source.start(1) + source.lengthBytes(1));
                byte[] segment = Offloads.whole(target, slot);
                segments.add(Hex.text(ByteBuffer.wrap(segment), 0, segment.length));
            }
        }
        return segments;
    }

    private static void assertIsLeftAlone(byte[] packet) {
        int[] kept = new int[1];
        String after =
                GUARDED.outcome(
                        packet,
                        0,
                        batch -> {
                            batch.tunnel(1, Offloads.TUNNEL);
                            new Coalescer(new HostMerges(() -> false))
                                    .coalesce(batch, Offloads.TUNNEL, 600, DeviceOffload.ALL);
                            kept[0] = batch.lengthBytes(1);
                        });
        assertThat(kept[0]).isEqualTo(Math.min(packet.length, 2048));
        assertThat(after)
                .isEqualTo(
                        Offloads.TUNNEL + " null" + Hex.text(ByteBuffer.wrap(packet), 0, kept[0]));
    }

    private static List<byte[]> seeds() {
        byte[] payload = new byte[300];
        TcpSegment tcp = new TcpSegment().timestamps(1, 2).payload(payload);
        UdpDatagram udp = new UdpDatagram().payload(payload);
        byte[] extended = new byte[8 + 20 + 300];
        extended[0] = 6;
        System.arraycopy(tcp.bytes(), 0, extended, 8, 320);
        return List.of(
                tcp.over(new Ipv4Packet()),
                tcp.over(new Ipv6Packet()),
                tcp.over(new Ipv4Packet().options(new byte[8])),
                udp.over(new Ipv4Packet()),
                udp.over(new Ipv6Packet()),
                TransportChecksum.leavePartial(tcp.over(new Ipv4Packet())),
                TransportChecksum.leavePartial(udp.over(new Ipv6Packet())),
                new Ipv6Packet().nextHeader(60).payload(extended).bytes());
    }
}

package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.GuardedBatch;
import io.culvert.testing.RandomTunnels;
import io.culvert.testing.Seeds;
import io.culvert.testing.Specs;
import io.culvert.testing.Vectors;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Arbitrary bytes in place of an outer packet: no exception, nothing read or written outside of
 * them, and each packet is either delivered or dropped for a reason.
 */
class DecapsulatorFuzzTest {
    private static final GuardedBatch GUARDED = new GuardedBatch();
    private static final int MUTANTS_PER_SEED = 40_000;

    @Tag("fuzz")
    @FuzzTest(maxDuration = "")
    void anyBytesAreDeliveredOrDropped(byte[] outer) {
        assertIsDeliveredOrDropped(outer);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void mutatedKernelPacketsAreDeliveredOrDropped(long seed) {
        RandomTunnels mutations = new RandomTunnels(seed);
        List<byte[]> seeds =
                Vectors.names().stream().flatMap(name -> Vectors.packets(name).stream()).toList();
        Map<DropReason, Integer> drops = new EnumMap<>(DropReason.class);
        int delivered = 0;
        for (int i = 0; i < MUTANTS_PER_SEED; i++) {
            byte[] packet = seeds.get(mutations.random().nextInt(seeds.size()));
            DropReason reason = assertIsDeliveredOrDropped(mutations.mutated(packet));
            if (reason == null) {
                delivered++;
            } else {
                drops.merge(reason, 1, Integer::sum);
            }
        }
        assertThat(delivered).as("mutants that came through").isGreaterThan(1000);
        assertThat(drops).as("reasons that were reached").hasSizeGreaterThan(12);
        assertThat(drops.values().stream().mapToInt(Integer::intValue).sum() + delivered)
                .isEqualTo(MUTANTS_PER_SEED);
    }

    private static DropReason assertIsDeliveredOrDropped(byte[] outer) {
        DropReason[] reason = new DropReason[1];
        GUARDED.outcome(
                outer,
                0,
                batch -> {
                    new Decapsulator(table()).decapsulate(batch);
                    reason[0] = batch.dropReason(1);
                    if (reason[0] == null) {
                        assertIsOneWholePacket(batch, 1);
                    } else {
                        assertThat(reason[0].direction()).isEqualTo(DropReason.Direction.RECEIVE);
                    }
                });
        return reason[0];
    }

    private static void assertIsOneWholePacket(PacketBatch batch, int slot) {
        int at = batch.start(slot);
        int lengthBytes = batch.lengthBytes(slot);
        assertThat(batch.tunnel(slot)).isNotEqualTo(PacketBatch.NO_TUNNEL);
        assertThat(batch.memory().get(at) >> 4).isIn(4, 6);
        if (batch.memory().get(at) >> 4 == 4) {
            Ipv4Header inner = new Ipv4Header().wrap(batch.memory(), at);
            assertThat(inner.isValid(lengthBytes)).isTrue();
            assertThat(inner.totalLengthBytes()).isEqualTo(lengthBytes);
        } else {
            Ipv6Header inner = new Ipv6Header().wrap(batch.memory(), at);
            assertThat(inner.isValid(lengthBytes)).isTrue();
            assertThat(inner.totalLengthBytes()).isEqualTo(lengthBytes);
        }
    }

    /** Tunnels for most of the kernel's packets, and one that is down. */
    private static TunnelTable table() {
        TunnelSpec gre = Specs.peer(Specs.of(TunnelMode.GRE).build());
        List<TunnelEndpoint> tunnels =
                Stream.of(
                                gre,
                                gre.toBuilder().key(0x0102_0304).build(),
                                gre.toBuilder().key(7).checksum(true).sequence(true).build(),
                                Specs.peer(Specs.of(TunnelMode.IPIP).build()),
                                Specs.peer(Specs.of(TunnelMode.SIT).payload(Payload.IP).build()),
                                gre.toBuilder().remote(null).key(0).build(),
                                gre.toBuilder().local(null).key(9).build())
                        .map(spec -> new TunnelEndpoint(spec, 0, 0))
                        .toList();
        tunnels.get(6).up(false);
        return new TunnelTable(tunnels);
    }
}

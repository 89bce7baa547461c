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
import io.culvert.wire.Ipv4Header;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Arbitrary bytes in place of an inner packet: no exception, nothing read outside of them or
 * written outside of them and the headroom, and what is sent is a whole outer packet.
 */
class EncapsulatorFuzzTest {
    private static final GuardedBatch GUARDED = new GuardedBatch();
    private static final int OUTER_MTU = 200;
    private static final PacketBatch WIRE = PacketBatch.standalone(64, OUTER_MTU);
    private static final PacketBatch DEVICE = PacketBatch.standalone(1, 1280);
    private static final List<TunnelSpec> TUNNELS =
            List.of(
                    Specs.of(TunnelMode.GRE).build(),
                    Specs.of(TunnelMode.GRE).key(7).checksum(true).sequence(true).build(),
                    Specs.of(TunnelMode.GRE).pmtudisc(false).ignoreDf(true).build(),
                    Specs.of(TunnelMode.IPIP).build(),
                    Specs.of(TunnelMode.IPIP).pmtudisc(false).build(),
                    Specs.of(TunnelMode.SIT).payload(Payload.IP).build());

    @Tag("fuzz")
    @FuzzTest(maxDuration = "")
    void anyBytesAreSentOrDropped(byte[] inner) {
        TUNNELS.forEach(spec -> assertIsSentOrDropped(spec, inner));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void mutatedPacketsAreSentOrDropped(long seed) {
        RandomTunnels tunnels = new RandomTunnels(seed);
        for (int i = 0; i < 5_000; i++) {
            byte[] inner = tunnels.inner(tunnels.random().nextBoolean());
            assertIsSentOrDropped(tunnels.specOverIpv4(), tunnels.mutated(inner));
        }
    }

    private static void assertIsSentOrDropped(TunnelSpec spec, byte[] inner) {
        GUARDED.outcome(
                inner,
                spec.overheadBytes(),
                batch -> {
                    WIRE.clear();
                    DEVICE.clear();
                    PathMtu pathMtu = new PathMtu(OUTER_MTU);
                    InnerIcmp innerIcmp = new InnerIcmp(() -> DEVICE, spec.payload());
                    new Encapsulator(
                                    spec,
                                    pathMtu,
                                    new IcmpErrors(spec, pathMtu, innerIcmp),
                                    innerIcmp,
                                    () -> WIRE.isFull() ? null : WIRE,
                                    IdentificationSequence.after(1))
                            .encapsulate(batch, 0);
                    assertIsSentOrDropped(batch, WIRE, DEVICE);
                });
    }

    private static void assertIsSentOrDropped(
            PacketBatch batch, PacketBatch wire, PacketBatch device) {
        DropReason reason = batch.dropReason(1);
        assertThat(reason == DropReason.TOO_BIG).isEqualTo(device.size() == 1);
        if (batch.replacement(1) != null) {
            assertThat(wire.size()).isGreaterThan(1);
        } else if (reason == null) {
            assertIsOuterPacket(batch, 1);
            assertThat(wire.size()).isZero();
        } else {
            assertThat(reason.direction()).isEqualTo(DropReason.Direction.TRANSMIT);
            assertThat(wire.isEmpty() || reason == DropReason.FRAGMENT_NO_ROOM).isTrue();
        }
        for (int slot = 0; slot < wire.size(); slot++) {
            assertIsOuterPacket(wire, slot);
        }
    }

    private static void assertIsOuterPacket(PacketBatch batch, int slot) {
        int lengthBytes = batch.lengthBytes(slot);
        Ipv4Header outer = new Ipv4Header().wrap(batch.memory(), batch.start(slot));
        assertThat(outer.isValid(lengthBytes)).isTrue();
        assertThat(outer.totalLengthBytes()).isEqualTo(lengthBytes);
        assertThat(lengthBytes).isLessThanOrEqualTo(OUTER_MTU);
        assertThat(outer.hasValidHeaderChecksum()).isTrue();
        assertThat(outer.destination()).isEqualTo(Specs.REMOTE);
    }
}

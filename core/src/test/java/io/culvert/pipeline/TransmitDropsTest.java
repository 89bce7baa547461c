package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.OuterPacket;
import io.culvert.testing.Specs;
import io.culvert.tunnel.TunnelEndpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every reason for which a packet is not sent: it is counted once, and nothing else is. */
class TransmitDropsTest {
    private static final int NONE = PacketBatch.NO_TUNNEL;
    private static final int GRE = 0;
    private static final int IPIP = 1;
    private static final int SIT = 2;

    private static final byte[] INNER = Ipv4Packet.ofBytes(60).bytes();
    private static final byte[] INNER_6 = Ipv6Packet.ofBytes(80).bytes();
    private static final byte[] BIG = Ipv4Packet.ofBytes(1500).dontFragment().bytes();

    private final EmbeddedLane lane =
            new EmbeddedLane(
                    1500,
                    Specs.of(TunnelMode.GRE).build(),
                    Specs.of(TunnelMode.IPIP).build(),
                    Specs.of(TunnelMode.SIT).build());

    @AfterEach
    void close() {
        lane.close();
    }

    static Stream<Arguments> drops() {
        return Stream.of(
                arguments(DropReason.PAYLOAD_MALFORMED, GRE, new byte[0]),
                arguments(DropReason.PAYLOAD_MALFORMED, GRE, Arrays.copyOf(INNER, 59)),
                arguments(DropReason.PAYLOAD_MALFORMED, GRE, Arrays.copyOf(INNER_6, 39)),
                arguments(DropReason.PAYLOAD_MALFORMED, GRE, new byte[60]),
                arguments(DropReason.PAYLOAD_NOT_CARRIED, IPIP, INNER_6),
                arguments(DropReason.PAYLOAD_NOT_CARRIED, SIT, INNER),
                arguments(DropReason.TOO_BIG_UNANSWERED, GRE, toAGroup()),
                arguments(DropReason.LOOP, GRE, outer(47, INNER)),
                arguments(DropReason.LOOP, IPIP, outer(4, INNER)),
                arguments(DropReason.LOOP, SIT, outer(41, INNER_6)));
    }

    private static byte[] toAGroup() {
        return Ipv4Packet.ofBytes(1500).dontFragment().destination(0xe000_0005).bytes();
    }

    /** A packet that the tunnel itself sent. */
    private static byte[] outer(int protocol, byte[] payload) {
        return OuterPacket.carrying(protocol, payload)
                .source(Specs.LOCAL)
                .destination(Specs.REMOTE)
                .bytes();
    }

    @ParameterizedTest(name = "{index}: {0} of tunnel {1}")
    @MethodSource("drops")
    void aDroppedPacketIsCountedOnceWithItsReasonAndNothingElseMoves(
            DropReason reason, int tunnel, byte[] packet) {
        lane.readFromDevice(tunnel, packet);

        assertThat(lane.sentToWire()).isEmpty();
        assertThat(lane.counts(tunnel)).isEqualTo(Map.of("READ", 1L, reason.name(), 1L));
        lane.assertThatNothingElseHappened(tunnel);
    }

    @Test
    void aPacketThatIsTooBigIsAnsweredThroughItsOwnDevice() {
        lane.readFromDevice(IPIP, INNER);
        lane.readFromDevice(GRE, BIG);

        List<byte[]> answers = lane.deliveredTo(GRE);
        assertThat(answers).hasSize(1);
        assertThat(answers.get(0)).startsWith(0x45, 0xc0).hasSize(576);
        assertThat(lane.sentToWire()).hasSize(1);
        assertThat(lane.counts(GRE))
                .isEqualTo(Map.of("READ", 1L, "TOO_BIG", 1L, "ICMP_ERRORS_WRITTEN", 1L));
        assertThat(lane.counts(IPIP)).isEqualTo(Map.of("READ", 1L, "SENT", 1L, "SENT_BYTES", 60L));
        assertThat(lane.deliveredTo(IPIP)).isEmpty();
    }

    @Test
    void anAnswerThatTheDeviceCannotTakeIsCountedAsLost() {
        lane.ports.get(GRE).connect(null, lane.underlay);

        lane.readFromDevice(GRE, BIG);

        assertThat(lane.sentToWire()).isEmpty();
        assertThat(lane.counts(GRE))
                .isEqualTo(Map.of("READ", 1L, "TOO_BIG", 1L, "ICMP_ERRORS_LOST", 1L));
        lane.assertThatNothingElseHappened(GRE);
    }

    @Test
    void withoutABatchForItsAnswerATooBigPacketIsUnanswered() {
        PacketBatch batch = lane.batch(BIG);
        List<PacketBatch> others = acquireAll();

        lane.devices.get(GRE).writeInbound(batch);

        others.forEach(PacketBatch::release);
        assertThat(lane.sentToWire()).isEmpty();
        assertThat(lane.counts(GRE)).isEqualTo(Map.of("READ", 1L, "TOO_BIG_UNANSWERED", 1L));
        lane.assertThatNothingElseHappened(GRE);
    }

    @Test
    void withoutABatchForItsFragmentsAPacketIsDropped() {
        PacketBatch batch = lane.batch(Ipv4Packet.ofBytes(1500).bytes());
        List<PacketBatch> others = acquireAll();

        lane.devices.get(GRE).writeInbound(batch);

        others.forEach(PacketBatch::release);
        assertThat(lane.sentToWire()).isEmpty();
        assertThat(lane.counts(GRE)).isEqualTo(Map.of("READ", 1L, "FRAGMENT_NO_ROOM", 1L));
        lane.assertThatNothingElseHappened(GRE);
    }

    @Test
    void whatAClosedUnderlayCannotTakeIsDroppedForTheShutdown() {
        lane.underlay.close();

        lane.readFromDevice(GRE, INNER);

        assertThat(lane.counts(GRE)).isEqualTo(Map.of("READ", 1L, "SHUTDOWN", 1L));
        lane.assertThatNothingElseHappened(GRE);
    }

    @Test
    void fragmentsForAClosedUnderlayAreCountedAsDroppedToo() {
        lane.underlay.close();

        lane.readFromDevice(GRE, Ipv4Packet.ofBytes(1500).bytes());

        assertThat(lane.counts(GRE))
                .isEqualTo(
                        Map.of(
                                "READ", 1L,
                                "SENT", 1L,
                                "SENT_BYTES", 1500L,
                                "FRAGMENTS_MADE", 2L,
                                "SHUTDOWN", 2L));
        lane.assertThatNothingElseHappened(GRE);
    }

    @Test
    void beforeItIsConnectedATunnelDropsWhatItIsGiven() {
        TunnelSpec spec = Specs.of(TunnelMode.GRE).build();
        TunnelPort port = new TunnelPort(new TunnelEndpoint(spec, 0, 0), 1500, lane.pool);

        port.transmit(lane.batch(INNER, Ipv4Packet.ofBytes(1500).bytes()));

        assertThat(EmbeddedLane.nonZero(port.counters()))
                .isEqualTo(
                        Map.of(
                                "READ", 2L,
                                "SENT", 1L,
                                "SENT_BYTES", 1500L,
                                "FRAGMENTS_MADE", 2L,
                                "SHUTDOWN", 3L));
        assertThat(lane.pool.idleCount()).isEqualTo(EmbeddedLane.BATCHES);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "ROUTE_LOOP",
                "LINK_GONE",
                "LOCAL_ADDRESS_GONE",
                "REMOTE_IS_LOCAL",
                "SHUTDOWN"
            })
    void whileATunnelIsClosedEveryPacketIsDroppedForThatReason(DropReason reason) {
        lane.ports.get(GRE).encapsulator().close(reason);
        assertThat(lane.ports.get(GRE).encapsulator().closedReason()).isEqualTo(reason);

        lane.readFromDevice(GRE, INNER, BIG);

        assertThat(lane.sentToWire()).isEmpty();
        assertThat(lane.counts(GRE)).isEqualTo(Map.of("READ", 2L, reason.name(), 2L));
        lane.assertThatNothingElseHappened(GRE);

        lane.ports.get(GRE).encapsulator().close(null);
        lane.readFromDevice(GRE, INNER);
        assertThat(lane.sentToWire()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "NO_ROUTE",
                "UNDERLAY_DOWN",
                "UNDERLAY_TOO_BIG",
                "UNDERLAY_FULL",
                "UNDERLAY_FORBIDDEN",
                "UNDERLAY_REFUSED"
            })
    void whatTheUnderlayRefusesIsNotCountedAsSent(DropReason reason) {
        lane.readFromDevice(GRE, INNER, INNER_6, Ipv4Packet.ofBytes(1500).bytes());

        // the second packet, and the second fragment of the third
        int[] seen = {0};
        List<byte[]> sent =
                lane.sentToWire(
                        (batch, slot) -> {
                            if (seen[0]++ % 2 == 1) {
                                batch.drop(slot, reason);
                            }
                        });

        assertThat(sent).hasSize(2);
        assertThat(lane.counts(GRE))
                .isEqualTo(
                        Map.of(
                                "READ",
                                3L,
                                "SENT",
                                2L,
                                "SENT_BYTES",
                                60L + 1500L,
                                "FRAGMENTS_MADE",
                                2L,
                                "FRAGMENTS_SENT",
                                1L,
                                reason.name(),
                                2L));
        lane.assertThatNothingElseHappened(GRE);
    }

    private List<PacketBatch> acquireAll() {
        List<PacketBatch> all = new ArrayList<>();
        while (lane.pool.idleCount() > 0) {
            all.add(lane.pool.acquire());
        }
        assertThat(all).doesNotContain((PacketBatch) null).isNotEmpty();
        assertThat(lane.pool.acquire()).isNull();
        return all;
    }

    @Test
    void noTunnelIsTouchedByAnEmptyBatch() {
        lane.devices.get(GRE).writeInbound(lane.batch());
        lane.readFromWire();
        lane.assertThatNothingElseHappened(NONE);
    }
}

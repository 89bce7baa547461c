package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.culvert.packet.DropReason;
import io.culvert.packet.DropReason.Direction;
import io.culvert.packet.PacketBatch;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.OuterPacket;
import io.culvert.testing.Specs;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every reason for which a received packet is dropped: it is counted once, and nothing else is. */
class ReceiveDropsTest {
    private static final int NONE = PacketBatch.NO_TUNNEL;
    private static final int PLAIN = 0;
    private static final int FULL = 1;
    private static final int IPIP = 2;
    private static final int SIT = 3;
    private static final int DOWN = 4;

    private static final int FULL_REMOTE = 0xc000_0203;
    private static final int DOWN_REMOTE = 0xc000_0206;

    private static final byte[] INNER = Ipv4Packet.ofBytes(60).bytes();
    private static final byte[] INNER_6 = Ipv6Packet.ofBytes(80).bytes();

    private final EmbeddedLane lane = new EmbeddedLane(1500, specs());

    private static TunnelSpec[] specs() {
        return new TunnelSpec[] {
            Specs.of(TunnelMode.GRE).build(),
            Specs.of(TunnelMode.GRE)
                    .remote(Specs.address(FULL_REMOTE))
                    .key(7)
                    .checksum(true)
                    .sequence(true)
                    .build(),
            Specs.of(TunnelMode.IPIP).build(),
            Specs.of(TunnelMode.SIT).build(),
            Specs.of(TunnelMode.GRE).remote(Specs.address(DOWN_REMOTE)).build()
        };
    }

    ReceiveDropsTest() {
        lane.ports.get(DOWN).endpoint().up(false);
    }

    @AfterEach
    void close() {
        lane.close();
    }

    static Stream<Arguments> drops() {
        byte[] wholeGre = OuterPacket.gre("0000 0800", INNER).bytes();
        return Stream.of(
                drop(DropReason.OUTER_MALFORMED, NONE, new byte[0]),
                drop(DropReason.OUTER_MALFORMED, NONE, Arrays.copyOf(wholeGre, 19)),
                drop(DropReason.OUTER_MALFORMED, NONE, Arrays.copyOf(wholeGre, 40)),
                drop(DropReason.PROTOCOL_UNKNOWN, NONE, INNER_6),
                drop(
                        DropReason.OUTER_MALFORMED,
                        NONE,
                        OuterPacket.gre("0000 0800", INNER).moreFragments()),
                drop(
                        DropReason.OUTER_MALFORMED,
                        NONE,
                        OuterPacket.gre("0000 0800", INNER).fragmentOffsetBytes(8)),
                drop(
                        DropReason.OUTER_NOT_UNICAST,
                        NONE,
                        OuterPacket.gre("0000 0800", INNER).destination(0xe000_0001)),
                drop(
                        DropReason.OUTER_NOT_UNICAST,
                        NONE,
                        OuterPacket.gre("0000 0800", INNER).destination(0xffff_ffff)),
                drop(DropReason.GRE_TRUNCATED, NONE, OuterPacket.gre("", new byte[0])),
                drop(DropReason.GRE_TRUNCATED, NONE, OuterPacket.gre("000008", new byte[0])),
                drop(
                        DropReason.GRE_TRUNCATED,
                        NONE,
                        OuterPacket.gre("2000 0800 0000", new byte[0])),
                drop(
                        DropReason.GRE_TRUNCATED,
                        NONE,
                        OuterPacket.gre("b000 0800 00000000 00000007", new byte[0])),
                drop(DropReason.GRE_VERSION, NONE, OuterPacket.gre("0001 0800", INNER)),
                drop(DropReason.GRE_VERSION, NONE, OuterPacket.gre("2001 880b 00000000", INNER)),
                drop(DropReason.GRE_VERSION, NONE, OuterPacket.gre("0007 0800", INNER)),
                // EoIP: a frame, and a keepalive, which is whole
                drop(DropReason.GRE_VERSION, NONE, OuterPacket.gre("2001 6400 003c 6400", INNER)),
                drop(
                        DropReason.GRE_VERSION,
                        NONE,
                        OuterPacket.gre("2001 6400 0000 6400", new byte[0])),
                drop(DropReason.GRE_ROUTING, NONE, OuterPacket.gre("4000 0800 00000000", INNER)),
                drop(DropReason.GRE_RESERVED_FLAGS, NONE, OuterPacket.gre("0008 0800", INNER)),
                drop(DropReason.GRE_RESERVED_FLAGS, NONE, OuterPacket.gre("0040 0800", INNER)),
                drop(DropReason.GRE_CHECKSUM, NONE, OuterPacket.gre("8000 0800 12340000", INNER)),
                drop(
                        DropReason.NO_TUNNEL,
                        NONE,
                        OuterPacket.gre("0000 0800", INNER).source(0xc000_02ff)),
                drop(
                        DropReason.NO_TUNNEL,
                        NONE,
                        OuterPacket.gre("0000 0800", INNER).destination(0xc000_02ff)),
                drop(DropReason.NO_TUNNEL, NONE, OuterPacket.gre("0000 88be", INNER)),
                drop(DropReason.NO_TUNNEL, NONE, OuterPacket.gre("1000 22eb 00000000", INNER)),
                drop(
                        DropReason.NO_TUNNEL,
                        NONE,
                        OuterPacket.carrying(4, INNER).source(0xc000_02ff)),
                drop(
                        DropReason.NO_TUNNEL,
                        NONE,
                        OuterPacket.carrying(41, INNER_6).source(0xc000_02ff)),
                drop(
                        DropReason.TUNNEL_DOWN,
                        DOWN,
                        OuterPacket.gre("0000 0800", INNER).source(DOWN_REMOTE)),
                drop(
                        DropReason.KEY_MISSING,
                        FULL,
                        OuterPacket.gre("0000 0800", INNER).source(FULL_REMOTE)),
                drop(
                        DropReason.KEY_UNEXPECTED,
                        PLAIN,
                        OuterPacket.gre("2000 0800 00000000", INNER)),
                drop(
                        DropReason.KEY_MISMATCH,
                        FULL,
                        OuterPacket.gre("2000 0800 00000008", INNER).source(FULL_REMOTE)),
                drop(
                        DropReason.CHECKSUM_MISSING,
                        FULL,
                        OuterPacket.gre("3000 0800 00000007 00000000", INNER).source(FULL_REMOTE)),
                drop(
                        DropReason.CHECKSUM_UNEXPECTED,
                        PLAIN,
                        OuterPacket.greWithChecksum("8000 0800 00000000", INNER)),
                drop(
                        DropReason.SEQUENCE_MISSING,
                        FULL,
                        OuterPacket.greWithChecksum("a000 0800 00000000 00000007", INNER)
                                .source(FULL_REMOTE)),
                drop(DropReason.PROTOCOL_UNKNOWN, PLAIN, OuterPacket.gre("0000 6558", INNER)),
                drop(DropReason.PROTOCOL_UNKNOWN, PLAIN, OuterPacket.gre("0000 0000", INNER)),
                drop(DropReason.PROTOCOL_UNKNOWN, PLAIN, OuterPacket.gre("0000 8847", INNER)),
                drop(DropReason.PROTOCOL_UNKNOWN, PLAIN, OuterPacket.gre("0000 00fe", new byte[3])),
                drop(DropReason.PROTOCOL_UNKNOWN, PLAIN, OuterPacket.gre("0000 8909", new byte[4])),
                drop(
                        DropReason.PROTOCOL_UNKNOWN,
                        PLAIN,
                        OuterPacket.gre("1000 883e 00000000", INNER)),
                drop(DropReason.PROTOCOL_UNKNOWN, NONE, OuterPacket.carrying(17, INNER)),
                drop(
                        DropReason.INNER_TRUNCATED,
                        PLAIN,
                        OuterPacket.gre("0000 0800", Arrays.copyOf(INNER, 19))),
                drop(
                        DropReason.INNER_TRUNCATED,
                        PLAIN,
                        OuterPacket.gre("0000 0800", Arrays.copyOf(INNER, 59))),
                drop(
                        DropReason.INNER_TRUNCATED,
                        PLAIN,
                        OuterPacket.gre("0000 86dd", Arrays.copyOf(INNER_6, 39))),
                drop(
                        DropReason.INNER_TRUNCATED,
                        SIT,
                        OuterPacket.carrying(41, Arrays.copyOf(INNER_6, 79))),
                drop(DropReason.INNER_TRUNCATED, IPIP, OuterPacket.carrying(4, new byte[0])),
                drop(DropReason.INNER_TRUNCATED, PLAIN, OuterPacket.gre("0000 0800", new byte[0])),
                drop(
                        DropReason.INNER_TRUNCATED,
                        PLAIN,
                        OuterPacket.gre("0000 0800", Arrays.copyOf(INNER, 7))),
                drop(DropReason.INNER_TRUNCATED, PLAIN, OuterPacket.gre("0000 883e", new byte[0])),
                drop(DropReason.INNER_VERSION, PLAIN, OuterPacket.gre("0000 0800", INNER_6)),
                drop(DropReason.INNER_VERSION, PLAIN, OuterPacket.gre("0000 86dd", INNER)),
                drop(DropReason.INNER_VERSION, IPIP, OuterPacket.carrying(4, INNER_6)),
                drop(DropReason.INNER_VERSION, SIT, OuterPacket.carrying(41, INNER)),
                // shorter than an IPv6 header, and yet not cut short
                drop(
                        DropReason.INNER_VERSION,
                        PLAIN,
                        OuterPacket.gre("0000 86dd", Arrays.copyOf(INNER, 28))),
                drop(DropReason.INNER_MALFORMED, PLAIN, OuterPacket.gre("0000 0800", new byte[20])),
                drop(DropReason.INNER_MALFORMED, PLAIN, OuterPacket.gre("0000 0800", new byte[7])),
                drop(DropReason.INNER_MALFORMED, IPIP, OuterPacket.carrying(4, headerOf16(INNER))),
                drop(
                        DropReason.ECN_CE_ON_NOT_ECT,
                        PLAIN,
                        OuterPacket.gre("0000 0800", INNER).tos(3)),
                drop(
                        DropReason.ECN_CE_ON_NOT_ECT,
                        SIT,
                        OuterPacket.carrying(41, INNER_6).tos(0xff)));
    }

    private static Arguments drop(DropReason reason, int tunnel, Ipv4Packet packet) {
        return drop(reason, tunnel, packet.bytes());
    }

    private static Arguments drop(DropReason reason, int tunnel, byte[] packet) {
        return arguments(reason, tunnel, packet);
    }

    private static byte[] headerOf16(byte[] packet) {
        byte[] broken = packet.clone();
        broken[0] = 0x44;
        return broken;
    }

    @ParameterizedTest(name = "{index}: {0} of tunnel {1}")
    @MethodSource("drops")
    void aDroppedPacketIsCountedOnceWithItsReasonAndNothingElseMoves(
            DropReason reason, int tunnel, byte[] packet) {
        lane.readFromWire(packet);

        assertThat(tunnel == NONE ? lane.strayCounts() : lane.counts(tunnel))
                .isEqualTo(Map.of("RECEIVED", 1L, reason.name(), 1L));
        lane.assertThatNothingElseHappened(tunnel);
    }

    @Test
    void aDuplicateIsDroppedAsOldAfterTheFirstWasDelivered() {
        byte[] packet =
                OuterPacket.greWithChecksum("b000 0800 00000000 00000007 00000005", INNER)
                        .source(FULL_REMOTE)
                        .bytes();

        lane.readFromWire(packet, packet);

        assertThat(lane.deliveredTo(FULL)).containsExactly(INNER);
        assertThat(lane.counts(FULL))
                .isEqualTo(
                        Map.of(
                                "RECEIVED", 2L,
                                "DELIVERED", 1L,
                                "DELIVERED_BYTES", 60L,
                                "SEQUENCE_OLD", 1L));
        lane.assertThatNothingElseHappened(FULL);
    }

    @Test
    void whatADeletedDeviceCannotTakeIsDroppedAsGone() {
        lane.devices.get(PLAIN).close();

        lane.readFromWire(
                OuterPacket.gre("0000 0800", INNER).bytes(),
                OuterPacket.carrying(4, INNER).bytes());

        assertThat(lane.deliveredTo(IPIP)).containsExactly(INNER);
        assertThat(lane.counts(PLAIN)).isEqualTo(Map.of("RECEIVED", 1L, "DEVICE_GONE", 1L));
        assertThat(lane.counts(IPIP))
                .isEqualTo(Map.of("RECEIVED", 1L, "DELIVERED", 1L, "DELIVERED_BYTES", 60L));
        assertThat(lane.strayCounts()).isEmpty();
        assertThat(lane.pool.idleCount()).isEqualTo(EmbeddedLane.BATCHES);
    }

    @Test
    void everyReasonThatTheCoreHasIsTestedHere() {
        Set<DropReason> tested =
                drops().map(drop -> (DropReason) drop.get()[0]).collect(Collectors.toSet());
        Set<DropReason> expected = EnumSet.allOf(DropReason.class);
        expected.removeIf(reason -> reason.direction() == Direction.TRANSMIT);
        // the two tests above, KeepaliveTest, DecapsulatorTest, HostJoinedTest, and what only a
        // real device can do
        expected.removeAll(
                EnumSet.of(
                        DropReason.KEEPALIVE_FLOOD,
                        DropReason.OTHER_LINK,
                        DropReason.HOST_JOINED,
                        DropReason.SEQUENCE_OLD,
                        DropReason.DEVICE_GONE,
                        DropReason.DEVICE_DOWN,
                        DropReason.DEVICE_REFUSED,
                        DropReason.HOST_DROPPED));
        assertThat(tested).isEqualTo(expected);
    }
}

package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.OuterPacket;
import io.culvert.testing.ReceivingEnd;
import io.culvert.testing.ReceivingEnd.Received;
import io.culvert.testing.Specs;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Linux 6.1 was seen to take although it looks odd; what it drops is ReceiveDropsTest's. */
class DecapsulatorTest {
    private static final byte[] INNER = Ipv4Packet.ofBytes(60).bytes();
    private static final byte[] INNER_6 = Ipv6Packet.ofBytes(80).bytes();

    private final ReceivingEnd gre = new ReceivingEnd(Specs.of(TunnelMode.GRE).build());

    private static void assertDelivered(Received received, byte[] inner) {
        assertThat(received.reason()).isNull();
        assertThat(received.tunnel()).isZero();
        assertThat(received.inner()).isEqualTo(inner);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0080", "0800", "0100", "0700", "0f80"})
    void theStrictSourceRouteBitTheRecursionBitsAndOneFlagAreIgnored(String flags) {
        assertDelivered(gre.receive(OuterPacket.gre(flags + " 0800", INNER).bytes()), INNER);
    }

    @Test
    void aSequenceNumberThatNobodyAskedForIsIgnored() {
        byte[] outer = OuterPacket.gre("1000 0800 00000005", INNER).bytes();
        assertDelivered(gre.receive(outer), INNER);
        assertDelivered(gre.receive(outer), INNER);
    }

    @Test
    void reserved1IsNotLookedAt() {
        ReceivingEnd checked =
                new ReceivingEnd(Specs.of(TunnelMode.GRE).inputChecksum(true).build());
        byte[] outer = OuterPacket.greWithChecksum("8000 0800 0000 1234", INNER).bytes();
        assertDelivered(checked.receive(outer), INNER);
    }

    @ParameterizedTest(name = "redirect header \"{0}\"")
    @ValueSource(strings = {"", "00000000", "01020304"})
    void aWccpPacketIsIpv4WithOrWithoutItsRedirectHeader(String redirectHeader) {
        byte[] outer = OuterPacket.gre("0000 883e" + redirectHeader, INNER).bytes();
        assertDelivered(gre.receive(outer), INNER);
    }

    @Test
    void whatLiesBehindTheInnerOrTheOuterPacketIsCutOff() {
        byte[] padded = Arrays.copyOf(INNER, 64);
        assertDelivered(gre.receive(OuterPacket.gre("0000 0800", padded).bytes()), INNER);
        byte[] padded6 = Arrays.copyOf(INNER_6, 99);
        assertDelivered(gre.receive(OuterPacket.gre("0000 86dd", padded6).bytes()), INNER_6);
        byte[] outer = OuterPacket.gre("0000 0800", INNER).bytes();
        assertDelivered(gre.receive(Arrays.copyOf(outer, outer.length + 7)), INNER);
    }

    @Test
    void anOuterPacketMayHaveOptionsTtl1AndDontFragment() {
        Ipv4Packet outer =
                OuterPacket.gre("0000 0800", INNER)
                        .ttl(1)
                        .dontFragment()
                        .options(Hex.bytes("94040000 01010101"));
        assertDelivered(gre.receive(outer.bytes()), INNER);
    }

    @Test
    void thereIsNoLargestInnerPacket() {
        byte[] inner = Ipv4Packet.ofBytes(65_535 - 24).bytes();
        assertDelivered(gre.receive(OuterPacket.gre("0000 0800", inner).bytes()), inner);
    }

    @Test
    void innerFragmentsPassAndAreNobodysBusiness() {
        byte[] inner = Ipv4Packet.ofBytes(60).moreFragments().fragmentOffsetBytes(80).bytes();
        assertDelivered(gre.receive(OuterPacket.gre("0000 0800", inner).bytes()), inner);
    }

    @ParameterizedTest(name = "sit {0}: protocol 4 {1}, protocol 41 {2}")
    @CsvSource({"IPV6, false, true", "IPV4, true, false", "IP, true, true"})
    void aSitTunnelTakesThePayloadsOfItsMode(Payload payload, boolean takes4, boolean takes6) {
        ReceivingEnd sit = new ReceivingEnd(Specs.of(TunnelMode.SIT).payload(payload).build());
        Received received4 = sit.receive(OuterPacket.carrying(4, INNER).bytes());
        Received received6 = sit.receive(OuterPacket.carrying(41, INNER_6).bytes());
        assertThat(received4.reason()).isEqualTo(takes4 ? null : DropReason.PROTOCOL_UNKNOWN);
        assertThat(received4.tunnel()).isZero();
        // for IPv4 alone it is an ipip tunnel, and those are not asked about protocol 41
        boolean isIpip = payload == Payload.IPV4;
        DropReason refusal = isIpip ? DropReason.NO_TUNNEL : DropReason.PROTOCOL_UNKNOWN;
        assertThat(received6.reason()).isEqualTo(takes6 ? null : refusal);
        assertThat(received6.tunnel()).isEqualTo(isIpip ? PacketBatch.NO_TUNNEL : 0);
    }

    @Test
    void theTunnelsOfOneLaneAreToldApart() {
        ReceivingEnd lane =
                new ReceivingEnd(
                        Specs.of(TunnelMode.GRE).build(),
                        Specs.of(TunnelMode.GRE).key(0).build(),
                        Specs.of(TunnelMode.GRE).key(7).build(),
                        Specs.of(TunnelMode.IPIP).build(),
                        Specs.of(TunnelMode.SIT).build());
        List<Ipv4Packet> packets =
                List.of(
                        OuterPacket.gre("0000 0800", INNER),
                        OuterPacket.gre("2000 0800 00000000", INNER),
                        OuterPacket.gre("2000 0800 00000007", INNER),
                        OuterPacket.carrying(4, INNER),
                        OuterPacket.carrying(41, INNER_6));
        for (int tunnel = 0; tunnel < packets.size(); tunnel++) {
            Received received = lane.receive(packets.get(tunnel).bytes());
            assertThat(received.reason()).isNull();
            assertThat(received.tunnel()).isEqualTo(tunnel);
        }
    }

    @Test
    void theLinkThatAPacketCameByDecides() {
        TunnelSpec spec = Specs.of(TunnelMode.GRE).link("eth2").build();
        Decapsulator decapsulator = new Decapsulator(TunnelTable.EMPTY);
        assertThat(decapsulator.table().size()).isZero();
        decapsulator.table(new TunnelTable(List.of(new TunnelEndpoint(spec, 0, 2))));
        PacketBatch batch = PacketBatch.standalone(2, 1500);
        for (int link = 2; link <= 3; link++) {
            byte[] outer = OuterPacket.gre("0000 0800", INNER).bytes();
            batch.memory().put(batch.nextPacketAt(), outer);
            batch.link(batch.append(outer.length), link);
        }
        decapsulator.decapsulate(batch);
        assertThat(batch.isLive(0)).isTrue();
        assertThat(batch.dropReason(1)).isEqualTo(DropReason.OTHER_LINK);
        assertThat(batch.tunnel(1)).isZero();
    }

    @Test
    void whatWasDroppedBeforeIsNotTouched() {
        PacketBatch batch = PacketBatch.standalone(1, 1500);
        byte[] outer = OuterPacket.gre("0000 0800", INNER).bytes();
        batch.memory().put(batch.nextPacketAt(), outer);
        batch.append(outer.length);
        batch.drop(0, DropReason.SHUTDOWN);
        TunnelSpec spec = Specs.of(TunnelMode.GRE).build();
        new Decapsulator(new TunnelTable(List.of(new TunnelEndpoint(spec, 0, 0))))
                .decapsulate(batch);
        assertThat(batch.dropReason(0)).isEqualTo(DropReason.SHUTDOWN);
        assertThat(batch.lengthBytes(0)).isEqualTo(outer.length);
        assertThat(batch.tunnel(0)).isEqualTo(PacketBatch.NO_TUNNEL);
    }
}

package io.culvert.survey;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.dissect.Dissector;
import io.culvert.dissect.LinkType;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.OuterPacket;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.TransportChecksum;
import io.culvert.testing.Vectors;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Packets by scapy where they are not a kernel's. */
class TunnelSurveyTest {
    private static final long SECOND = 1_000_000_000;

    /** IP(192.0.2.2 > .1) / GRE / IP(.1 > .2) / GRE(proto=0). */
    private static final byte[] KEEPALIVE =
            Hex.bytes(
                    "45000030 00010000 ff2f379a c0000202 c0000201 00000800",
                    "45000018 00010000 ff2f37b2 c0000201 c0000202 00000000");

    /** IP / GRE(key=7) / IP / IPv6 / IP / UDP / "abcd". */
    private static final byte[] NESTED =
            Hex.bytes(
                    "45000078 00010000 402ff652 c0000202 c0000201 20000800 00000007",
                    "4500005c 00010000 40296676 0a000001 0a000002",
                    "60000000 00200440 20010db8000000000000000000000001",
                    "20010db8000000000000000000000002",
                    "45000020 00010000 401166c8 0a010001 0a010002 00010002 000c2708 61626364");

    /** IP / ICMP(3/2) about IP / GRE / IP / ICMP. */
    private static final byte[] UNREACHABLE =
            Hex.bytes(
                    "45000050 00010000 4001f6a8 c0000202 c0000201 0302f4fd 00000000",
                    "45000034 00010000 402ff696 c0000201 c0000202 00000800",
                    "4500001c 00010000 400166de 0a000001 0a000002 0800f7ff 00000000");

    /** IP / EoIP, tunnel id 100 / Ether / IP / ICMP; and its keepalive. */
    private static final byte[] EOIP =
            Hex.bytes(
                    "4500004e 00010000 402ff67c c0000202 c0000201 20016400 00326400",
                    "020000000001 020000000002 0800",
                    "45000024 00010000 400166c4 0a090002 0a090001 08006668 00010001 6162636465666768");

    private static final byte[] EOIP_KEEPALIVE =
            Hex.bytes("4500001c 00010000 402ff6ae c0000202 c0000201 20016400 00006400");

    /** IP(proto=4) / IPv6 / ICMPv6. */
    private static final byte[] IPV6_UNDER_IPV4 =
            Hex.bytes(
                    "4500004c 00010000 4004f6a9 c0000202 c0000201",
                    "60000000 00103a40 fd000009000000000000000000000002",
                    "fd000009000000000000000000000001 8000f406 00010001 6162636465666768");

    private final Dissector dissector = new Dissector();
    private final TunnelSurvey survey = new TunnelSurvey(100);

    @Test
    void tunnelsInTunnelsAreOneEachWithTheirDepth() {
        add(NESTED, 0);

        assertThat(survey.tunnels())
                .extracting(tunnel -> tunnel.id().depth() + " " + tunnel.id().kind().label())
                .containsExactly("1 gre", "2 sit", "3 ipip6");
        assertThat(survey.tunnels())
                .extracting(SeenTunnel::largestInnerBytes)
                .containsExactly(92, 72, 32);
        assertThat(survey.tunnels()).extracting(SeenTunnel::bytes).containsExactly(120L, 92L, 72L);
        assertThat(survey.tunnels().get(0).id().key()).hasValue(7);
        assertThat(survey.tunnelled()).isEqualTo(1);
    }

    @Test
    void aKeepaliveIsNoTunnelInsideOfItsTunnel() {
        add(KEEPALIVE, 0);

        assertThat(survey.tunnels()).hasSize(1);
        SeenTunnel tunnel = survey.tunnels().get(0);
        assertThat(tunnel.id().source()).isEqualTo("192.0.2.2");
        assertThat(tunnel.keepalives()).isEqualTo(1);
        assertThat(tunnel.inside()).isEqualTo(Map.of("keepalive", 1L));
    }

    @Test
    void anEoipTunnelHasATunnelIdAndNoKey() {
        add(EOIP, 0);
        add(EOIP_KEEPALIVE, 0);

        assertThat(survey.tunnels()).hasSize(1);
        SeenTunnel tunnel = survey.tunnels().get(0);
        assertThat(tunnel.id().kind()).isEqualTo(TunnelKind.EOIP);
        assertThat(tunnel.id().keyText()).isEqualTo("tunnel-id 100");
        assertThat(tunnel.keepalives()).isEqualTo(1);
        assertThat(tunnel.inside()).isEqualTo(Map.of("ethernet", 1L, "keepalive", 1L));
        assertThat(tunnel.largestInnerBytes()).isEqualTo(36);
        assertThat(tunnel.withSequence()).isZero();
    }

    @Test
    void ipOfAnotherVersionThanAnnouncedIsOfTheTunnelThatAnnouncesIt() {
        add(IPV6_UNDER_IPV4, 0);

        SeenTunnel tunnel = survey.tunnels().get(0);
        assertThat(tunnel.id().kind()).isEqualTo(TunnelKind.IPIP);
        assertThat(tunnel.otherVersions()).isEqualTo(1);
        assertThat(tunnel.largestInnerBytes()).isEqualTo(56);
        assertThat(tunnel.inside()).isEqualTo(Map.of("ipv6", 1L));
    }

    @Test
    void whatAnIcmpErrorQuotesIsNotSeen() {
        add(UNREACHABLE, 0);

        assertThat(survey.tunnels()).isEmpty();
        assertThat(survey.packets()).isEqualTo(1);
        assertThat(survey.tunnelled()).isZero();
    }

    @Test
    void fragmentsBelongToTheTunnelOfTheirFirst() {
        // of 6 packets two come in two fragments
        Vectors.packets("gre-mtu1500-ignoredf-big4").forEach(packet -> add(packet, 0));

        SeenTunnel tunnel = survey.tunnels().get(0);
        assertThat(survey.tunnels()).hasSize(1);
        assertThat(tunnel.packets() + tunnel.fragments() / 2).isEqualTo(6);
        assertThat(tunnel.largestInnerBytes()).isEqualTo(1500);
        assertThat(survey.tunnelled()).isEqualTo(6);
        assertThat(survey.strayFragments()).isZero();
    }

    @Test
    void fragmentsWithoutTheirFirstAreCountedApart() {
        List<byte[]> packets = Vectors.packets("gre-mtu1500-ignoredf-big4");
        packets.stream()
                .filter(packet -> (packet[6] & 0x1f | packet[7]) != 0)
                .forEach(p -> add(p, 0));

        assertThat(survey.strayFragments()).isPositive();
        assertThat(survey.tunnels()).isEmpty();
        assertThat(survey.tunnelled()).isZero();
    }

    @Test
    void optionsTimesAndSizesAreThoseOfThePackets() {
        List<byte[]> packets = Vectors.packets("gre-key-csum-seq-in4");
        for (int i = 0; i < packets.size(); i++) {
            add(packets.get(i), i * SECOND);
        }

        SeenTunnel tunnel = survey.tunnels().get(0);
        assertThat(tunnel.packets()).isEqualTo(12);
        assertThat(tunnel.withChecksum()).isEqualTo(12);
        assertThat(tunnel.withSequence()).isEqualTo(12);
        assertThat(tunnel.dontFragment()).isEqualTo(12);
        assertThat(tunnel.sequence().missing()).isZero();
        assertThat(tunnel.badTunnelChecksums()).isZero();
        assertThat(tunnel.badOuterChecksums()).isZero();
        assertThat(tunnel.ttl()).hasToString("64");
        assertThat(tunnel.firstNanos()).isZero();
        assertThat(tunnel.lastNanos()).isEqualTo(11 * SECOND);
    }

    @Test
    void aWrongChecksumIsCountedWhereItIs() {
        byte[] packet = Vectors.packets("gre-csum-in4").get(0).clone();
        packet[packet.length - 1] ^= 1;
        add(packet, 0);
        byte[] ttl = Vectors.packets("gre-csum-in4").get(0).clone();
        ttl[8]--;
        add(ttl, 0);

        SeenTunnel tunnel = survey.tunnels().get(0);
        assertThat(tunnel.badTunnelChecksums()).isEqualTo(1);
        assertThat(tunnel.badOuterChecksums()).isEqualTo(1);
        assertThat(tunnel.ttl()).hasToString("63-64");
    }

    /** Also when the capture has only the beginning of each. */
    @Test
    void whatTheHostJoinedSaysNothingOfTheMtu() {
        byte[] single = joined(1400);
        byte[] joined = joined(60_000);
        byte[] jumbo = OuterPacket.gre("0000 0800", Ipv4Packet.ofBytes(5000).bytes()).bytes();
        add(single, 0);
        add(joined, 0);
        byte[] beginning = Arrays.copyOf(joined, 96);
        survey.add(
                dissector.dissect(
                        LinkType.RAW_IP, ByteBuffer.wrap(beginning), 0, 96, joined.length),
                0);

        SeenTunnel tunnel = survey.tunnels().get(0);
        assertThat(tunnel.packets()).isEqualTo(3);
        assertThat(tunnel.joined()).isEqualTo(2);
        assertThat(tunnel.largestInnerBytes()).isEqualTo(1440);
        assertThat(tunnel.badTunnelChecksums()).isZero();
        add(jumbo, 0);
        assertThat(tunnel.largestInnerBytes()).isEqualTo(5000);
        assertThat(tunnel.joined()).isEqualTo(2);
    }

    private static byte[] joined(int payloadBytes) {
        byte[] inner = new TcpSegment().payload(new byte[payloadBytes]).over(new Ipv4Packet());
        byte[] partial = TransportChecksum.leavePartial(inner);
        return OuterPacket.gre("8000 0800 12340000", partial).bytes();
    }

    @Test
    void bothDirectionsStandSideBySide() {
        byte[] there = Vectors.packets("ipip-in4").get(0);
        byte[] back = there.clone();
        System.arraycopy(there, 12, back, 16, 4);
        System.arraycopy(there, 16, back, 12, 4);
        add(there, 0);
        add(NESTED, 0);
        add(back, 0);

        assertThat(survey.tunnels().subList(0, 2))
                .extracting(tunnel -> tunnel.id().source())
                .containsExactly("192.0.2.2", "192.0.2.1");
        assertThat(survey.tunnels().get(0).id().isReverseOf(survey.tunnels().get(1).id())).isTrue();
    }

    @Test
    void tunnelsBeyondTheMostAreOnlyCounted() {
        TunnelSurvey small = new TunnelSurvey(2);
        for (int i = 0; i < 100_000; i++) {
            byte[] packet = KEEPALIVE.clone();
            packet[12] = (byte) (i >> 16);
            packet[13] = (byte) (i >> 8);
            packet[14] = (byte) i;
            small.add(dissector.dissect(LinkType.RAW_IP, packet), 0);
        }

        assertThat(small.tunnels()).hasSize(2);
        assertThat(small.tunnelled()).isEqualTo(100_000);
        assertThat(small.beyondMost()).isGreaterThan(99_990);
    }

    private void add(byte[] packet, long epochNanos) {
        survey.add(dissector.dissect(LinkType.RAW_IP, packet), epochNanos);
    }
}

package io.culvert.offload;

import static io.culvert.offload.AlikeSegments.PAYLOAD_BYTES;
import static io.culvert.offload.AlikeSegments.assertNothingIsJoined;
import static io.culvert.offload.AlikeSegments.datagram;
import static io.culvert.offload.AlikeSegments.ip;
import static io.culvert.offload.AlikeSegments.segment;
import static io.culvert.offload.AlikeSegments.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.offload.Offloads.Delivered;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.TcpSegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Which packets are of one flow, and which of none. */
class CoalescerFlowsTest {
    @Test
    void packetsOfOtherTunnelsAndDroppedOnesDoNotCount() {
        PacketBatch batch =
                Offloads.batchOf(List.of(segment(0), segment(1), segment(1), segment(2)));
        batch.tunnel(1, Offloads.TUNNEL + 1);
        batch.drop(2, DropReason.INNER_MALFORMED);
        List<Delivered> delivered = Offloads.merge(batch, true);
        assertThat(delivered).extracting(Delivered::segmentBytes).containsExactly(0, 0, 0);
        assertThat(delivered.get(1).bytes()).isEqualTo(segment(1));

        new Coalescer(new HostMerges(() -> false))
                .coalesce(batch, Offloads.TUNNEL + 1, Offloads.INNER_MTU, DeviceOffload.ALL);
        assertThat(Offloads.delivered(batch)).hasSize(3);
        assertThat(batch.dropReason(2)).isEqualTo(DropReason.INNER_MALFORMED);
    }

    @Test
    void flowsThatTakeTurnsAreJoinedEachByItself() {
        List<UnaryOperator<TcpSegment>> flows =
                List.of(
                        tcp -> tcp,
                        tcp -> tcp.sourcePort(80),
                        tcp -> tcp.destinationPort(50_124),
                        // the same hash must not be the same flow
                        tcp -> tcp.sourcePort(50_123).destinationPort(443));
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            for (UnaryOperator<TcpSegment> flow : flows) {
                packets.add(flow.apply(tcp(i)).over(ip(i)));
            }
            packets.add(tcp(i).over(ip(i).source(0x0a09_0003)));
            packets.add(tcp(i).over(ip(i).destination(0x0a09_0003)));
            packets.add(tcp(i).over(new Ipv6Packet()));
            packets.add(
                    tcp(i).over(
                                    new Ipv6Packet()
                                            .source("00000000 00000000 00000000 0a090002")
                                            .destination("00000000 00000000 00000000 0a090001")));
            packets.add(datagram(443, 50_123).over(ip(i)));
        }
        List<Delivered> delivered = Offloads.merge(packets);
        assertThat(delivered)
                .hasSize(9)
                .allMatch(packet -> packet.segmentBytes() == PAYLOAD_BYTES)
                .allMatch(
                        packet ->
                                packet.bytes().length
                                        == 5 * PAYLOAD_BYTES + headerBytes(packet.bytes()));
    }

    @Test
    void whatMayBelongToAnyFlowStaysWhereItIs() {
        byte[] fragment = new Ipv4Packet().fragmentOffsetBytes(64).payload(new byte[9]).bytes();
        byte[] options = tcp(1).over(ip(1).options(new byte[4]));
        byte[] fragment6 =
                new Ipv6Packet()
                        .nextHeader(44)
                        .payload(Hex.bytes("06 00 0009 00000001 ffffffff"))
                        .bytes();
        byte[] padded = Arrays.copyOf(segment(1), 141);
        byte[] cut = Arrays.copyOf(segment(1), 50);
        byte[] shortHeader = new Ipv4Packet().protocol(6).payload(new byte[19]).bytes();
        byte[] shortDatagram = new Ipv4Packet().protocol(17).payload(new byte[7]).bytes();
        for (byte[] any :
                List.of(fragment, options, fragment6, padded, cut, shortHeader, shortDatagram)) {
            assertNothingIsJoined(List.of(segment(0), any, segment(1)));
            // and a run may start behind it
            assertThat(Offloads.merge(List.of(any, segment(0), segment(1)))).hasSize(2);
        }
    }

    @Test
    void aPacketOfNoFlowIsInNobodysWay() {
        byte[] ping = new Ipv4Packet().protocol(1).payload(new byte[8]).bytes();
        List<Delivered> delivered = Offloads.merge(List.of(segment(0), ping, segment(1)));
        assertThat(delivered).extracting(Delivered::segmentBytes).containsExactly(PAYLOAD_BYTES, 0);
        assertThat(delivered.get(1).bytes()).isEqualTo(ping);
    }

    @Test
    void moreFlowsThanAnyBatchHasAreStillRight() {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            for (int flow = 0; flow < 300; flow++) {
                packets.add(tcp(i).sourcePort(flow).over(ip(i)));
            }
        }
        for (int flow = 299; flow >= 0; flow--) {
            packets.add(tcp(2).sourcePort(flow).over(ip(2)));
        }
        List<Delivered> delivered = Offloads.merge(packets);
        assertThat(delivered).hasSizeBetween(600, 899);
        int[] next = new int[300];
        for (Delivered packet : delivered) {
            ByteBuffer bytes = ByteBuffer.wrap(packet.bytes());
            int flow = bytes.getShort(20) & 0xffff;
            assertThat(bytes.getInt(24)).isEqualTo(next[flow]);
            next[flow] += packet.bytes().length - 40;
        }
        assertThat(next).containsOnly(3 * PAYLOAD_BYTES);
    }

    @Test
    void flowsSpreadOverTheTable() {
        Set<Integer> places = new HashSet<>();
        Segment segment = new Segment();
        for (int flow = 0; flow < 256; flow++) {
            TcpSegment tcp = new TcpSegment().destinationPort(50_000 + flow / 4);
            boolean isIpv4 = flow % 2 == 0;
            int host = flow % 4 / 2;
            byte[] packet =
                    isIpv4
                            ? tcp.over(new Ipv4Packet().source(0x0a09_0002 + host))
                            : tcp.over(
                                    new Ipv6Packet()
                                            .source("20010db8 00090000 00000000 0000000" + host));
            segment.read(Offloads.batchOf(List.of(packet)), 0);
            places.add(segment.flowHash() & 0xff);
        }
        // 256 balls thrown at random hit 162 of 256 places
        assertThat(places).hasSizeGreaterThan(140);
    }

    private static int headerBytes(byte[] packet) {
        boolean isTcp = packet[packet[0] >> 4 == 4 ? 9 : 6] == 6;
        return (packet[0] >> 4 == 4 ? 20 : 40) + (isTcp ? 20 : 8);
    }
}

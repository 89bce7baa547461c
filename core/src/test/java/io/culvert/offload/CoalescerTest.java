package io.culvert.offload;

import static io.culvert.offload.AlikeSegments.PAYLOAD_BYTES;
import static io.culvert.offload.AlikeSegments.assertNothingIsJoined;
import static io.culvert.offload.AlikeSegments.datagram;
import static io.culvert.offload.AlikeSegments.ip;
import static io.culvert.offload.AlikeSegments.segment;
import static io.culvert.offload.AlikeSegments.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.offload.Offloads.Delivered;
import io.culvert.packet.PacketBatch;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.TransportChecksum;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules that {@link KernelOffloadTest} does not reach, and those that are ours alone. */
class CoalescerTest {
    @Test
    void aRunBecomesOneSuperPacket() {
        List<byte[]> packets = List.of(segment(0), segment(1), shortened(segment(2), 30));
        PacketBatch batch = Offloads.batchOf(packets);
        List<Delivered> delivered = Offloads.merge(batch, false);
        assertThat(delivered).hasSize(1);
        byte[] whole = delivered.get(0).bytes();
        assertThat(delivered.get(0).segmentBytes()).isEqualTo(PAYLOAD_BYTES);
        assertThat(whole).hasSize(40 + 230);
        assertThat(ByteBuffer.wrap(whole).getShort(2)).isEqualTo((short) whole.length);
        assertThat(whole).isEqualTo(Ipv4Packet.withHeaderChecksum(whole.clone()));
        assertThat(whole).isEqualTo(TransportChecksum.leavePartial(whole.clone()));
        List<byte[]> split = Offloads.split(Offloads.superPacket(whole, PAYLOAD_BYTES), 65_535);
        assertThat(split).usingElementComparator(Arrays::compare).isEqualTo(packets);
        // the head's slot keeps the head's own bytes only
        assertThat(batch.lengthBytes(0)).isEqualTo(40 + PAYLOAD_BYTES);
        assertThat(batch.nextJoined(0)).isEqualTo(1);
        assertThat(batch.nextJoined(1)).isEqualTo(2);
        assertThat(batch.nextJoined(2)).isEqualTo(PacketBatch.NONE);
        assertThat(batch.joinedHeaderBytes(1)).isEqualTo(40);
        assertThat(batch.segmentBytes(1)).isZero();
    }

    @Test
    void aPacketAloneIsNotTouched() {
        assertNothingIsJoined(List.of(segment(0)));
    }

    @Test
    void anAcknowledgmentWithoutDataStaysBetweenTheSegmentsItCameBetween() {
        byte[] ack = tcp(2).payload().over(ip(2));
        List<Delivered> delivered =
                Offloads.merge(List.of(segment(0), segment(1), ack, segment(2), segment(3)));
        assertThat(delivered)
                .extracting(Delivered::segmentBytes)
                .containsExactly(PAYLOAD_BYTES, 0, PAYLOAD_BYTES);
        assertThat(delivered.get(1).bytes()).isEqualTo(ack);
    }

    @Test
    void aSegmentThatOpensClosesOrBreaksAConnectionIsNeverJoined() {
        int[] alone = {
            TcpSegment.FIN | TcpSegment.ACK,
            TcpSegment.SYN | TcpSegment.ACK,
            TcpSegment.RST | TcpSegment.ACK,
            TcpSegment.URG | TcpSegment.ACK,
            TcpSegment.CWR | TcpSegment.ACK,
            0,
            TcpSegment.PSH
        };
        for (int flags : alone) {
            assertNothingIsJoined(
                    List.of(tcp(0).flags(flags).over(ip(0)), tcp(1).flags(flags).over(ip(1))));
            assertNothingIsJoined(List.of(segment(0), tcp(1).flags(flags).over(ip(1))));
        }
    }

    @Test
    void aPushEndsTheRunAndStandsInTheWhole() {
        byte[] push = tcp(1).flags(TcpSegment.ACK | TcpSegment.PSH).over(ip(1));
        List<Delivered> delivered =
                Offloads.merge(List.of(segment(0), push, segment(2), segment(3)));
        assertThat(delivered)
                .extracting(Delivered::segmentBytes)
                .containsExactly(PAYLOAD_BYTES, PAYLOAD_BYTES);
        assertThat(delivered.get(0).bytes()[33]).isEqualTo((byte) 0x18);
        assertThat(delivered.get(1).bytes()[33]).isEqualTo((byte) 0x10);
    }

    @Test
    void congestionMarksArePassedOnWithTheirPacket() {
        byte[] marked = tcp(1).over(ip(1).tos(3));
        List<Delivered> delivered =
                Offloads.merge(
                        List.of(tcp(0).over(ip(0).tos(2)), marked, tcp(2).over(ip(2).tos(2))));
        assertThat(delivered).extracting(Delivered::segmentBytes).containsExactly(0, 0, 0);
        List<Delivered> echoes =
                Offloads.merge(
                        List.of(
                                tcp(0).flags(TcpSegment.ACK | TcpSegment.ECE).over(ip(0)),
                                tcp(1).flags(TcpSegment.ACK | TcpSegment.ECE).over(ip(1)),
                                segment(2)));
        assertThat(echoes).extracting(Delivered::segmentBytes).containsExactly(PAYLOAD_BYTES, 0);
        assertThat(echoes.get(0).bytes()[33]).isEqualTo((byte) 0x50);
    }

    @Test
    void aPacketThatIsWrongIsNeitherJoinedNorChanged() {
        for (int at : new int[] {10, 36, 37, 45, 139}) {
            byte[] wrong = segment(1);
            wrong[at] ^= 4;
            List<Delivered> delivered =
                    Offloads.merge(List.of(segment(0), wrong, segment(2), segment(3)));
            assertThat(delivered).as("byte %d", at).hasSize(3);
            assertThat(delivered.get(0).bytes()).isEqualTo(segment(0));
            assertThat(delivered.get(1).bytes()).isEqualTo(wrong);
            assertThat(delivered.get(2).segmentBytes()).isEqualTo(PAYLOAD_BYTES);
        }
    }

    @Test
    void nothingIsJoinedToAPacketThatIsWrong() {
        for (int at : new int[] {10, 36, 37, 45, 139}) {
            byte[] wrong = segment(0);
            wrong[at] ^= 4;
            List<Delivered> delivered = Offloads.merge(List.of(wrong, segment(1), segment(2)));
            assertThat(delivered).as("byte %d", at).hasSize(2);
            assertThat(delivered.get(0).bytes()).isEqualTo(wrong);
            assertThat(delivered.get(0).segmentBytes()).isZero();
            assertThat(delivered.get(1).segmentBytes()).isEqualTo(PAYLOAD_BYTES);
        }
    }

    @Test
    void sequenceNumbersAndIdentificationsWrap() {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            packets.add(
                    tcp(0).sequence(-150 + i * PAYLOAD_BYTES)
                            .over(new Ipv4Packet().identification(0xfffe + i & 0xffff)));
        }
        assertThat(Offloads.merge(packets)).hasSize(1);
    }

    @Test
    void anIdentificationIsFixedOrCountsButNotBoth() {
        assertIsJoinedTo(4, true, 7, 7, 7, 7);
        assertIsJoinedTo(4, true, 7, 8, 9, 10);
        assertIsJoinedTo(4, false, 7, 8, 9, 10);
        assertIsJoinedTo(2, true, 7, 7, 8);
        assertIsJoinedTo(2, true, 7, 8, 8);
        assertIsJoinedTo(2, true, 7, 8, 7);
        // fixed only where no one may fragment (RFC 6864 §4.1)
        assertIsJoinedTo(1, false, 7, 7, 7);
        assertIsJoinedTo(1, true, 7, 9);
        assertIsJoinedTo(1, true, 7, 6);
    }

    @Test
    void noSuperPacketIsLongerThanItsLengthFieldCanSay() {
        for (int payloadBytes : new int[] {1300, 1364, 1365, 1366, 8191, 13_099}) {
            List<byte[]> packets = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                packets.add(
                        new TcpSegment()
                                .sequence(i * payloadBytes)
                                .payload(new byte[payloadBytes])
                                .over(ip(i)));
            }
            List<Delivered> delivered = Offloads.merge(packets);
            int most = (65_535 - 40) / payloadBytes * payloadBytes + 40;
            assertThat(delivered.get(0).bytes().length)
                    .isEqualTo(Math.min(most, 40 + 60 * payloadBytes));
            assertThat(delivered).allMatch(packet -> packet.bytes().length <= 65_535);
            assertThat(delivered.stream().mapToInt(packet -> packet.bytes().length - 40).sum())
                    .isEqualTo(60 * payloadBytes);
        }
    }

    @Test
    void noMoreThan64DatagramsAreJoined() {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            packets.add(datagram(1, 2).over(ip(i)));
        }
        assertThat(Offloads.merge(packets))
                .map(packet -> (packet.bytes().length - 28) / PAYLOAD_BYTES)
                .containsExactly(64, 36);
    }

    @Test
    void datagramsAreLeftAloneForADeviceThatTakesNone() {
        List<byte[]> packets =
                List.of(
                        datagram(1, 2).over(ip(0)),
                        datagram(1, 2).over(ip(1)),
                        segment(0),
                        datagram(1, 2).over(ip(2)),
                        segment(1));
        List<Delivered> delivered = Offloads.merge(Offloads.batchOf(packets), false);
        assertThat(delivered)
                .extracting(Delivered::segmentBytes)
                .containsExactly(0, 0, PAYLOAD_BYTES, 0);
    }

    @Test
    void datagramsWithoutAChecksumAreNotJoined() {
        byte[] first = datagram(1, 2).over(ip(0));
        byte[] second = datagram(1, 2).over(ip(1));
        ByteBuffer.wrap(first).putShort(26, (short) 0);
        ByteBuffer.wrap(second).putShort(26, (short) 0);
        assertNothingIsJoined(List.of(first, second));
    }

    @Test
    void aDatagramIsNotLikeTheOneBeforeWhenItsLengthIsWrongOrItsPortsAreOthers() {
        byte[] isWrong = datagram(1, 2).over(ip(1));
        ByteBuffer.wrap(isWrong).putShort(24, (short) (8 + PAYLOAD_BYTES - 1));
        byte[] isOther = datagram(1, 3).over(ip(1));
        assertNothingIsJoined(List.of(datagram(1, 2).over(ip(0)), isWrong));
        assertNothingIsJoined(List.of(datagram(1, 2).over(ip(0)), isOther));
        assertNothingIsJoined(
                List.of(datagram(1, 2).over(ip(0)), isWrong, datagram(1, 2).over(ip(2))));
    }

    @Test
    void nothingIsKeptForTheNextBatch() {
        Coalescer coalescer = new Coalescer(new HostMerges(() -> false));
        PacketBatch first = Offloads.batchOf(List.of(segment(0)));
        PacketBatch second = Offloads.batchOf(List.of(segment(1)));
        coalescer.coalesce(first, Offloads.TUNNEL, Offloads.INNER_MTU, DeviceOffload.ALL);
        coalescer.coalesce(second, Offloads.TUNNEL, Offloads.INNER_MTU, DeviceOffload.ALL);
        assertThat(Offloads.delivered(first).get(0).bytes()).isEqualTo(segment(0));
        assertThat(Offloads.delivered(second).get(0).bytes()).isEqualTo(segment(1));
        coalescer.coalesce(PacketBatch.standalone(1, 1), Offloads.TUNNEL, 1500, DeviceOffload.ALL);
    }

    private static void assertIsJoinedTo(int joined, boolean dontFragment, int... ids) {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            Ipv4Packet ip = new Ipv4Packet().identification(ids[i]);
            packets.add(tcp(i).over(dontFragment ? ip.dontFragment() : ip));
        }
        assertThat(Offloads.merge(packets).get(0).bytes())
                .as("%s", Arrays.toString(ids))
                .hasSize(40 + joined * PAYLOAD_BYTES);
    }

    /** The packet with less payload. */
    private static byte[] shortened(byte[] packet, int payloadBytes) {
        byte[] cut = Arrays.copyOf(packet, 40 + payloadBytes);
        ByteBuffer.wrap(cut).putShort(2, (short) cut.length);
        return TransportChecksum.complete(Ipv4Packet.withHeaderChecksum(cut));
    }
}

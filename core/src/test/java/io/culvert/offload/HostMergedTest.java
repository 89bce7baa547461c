package io.culvert.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.offload.Offloads.Delivered;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.NaiveChecksum;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.TransportChecksum;
import io.culvert.testing.UdpDatagram;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Packets whose checksum the host has left to be completed, or that it joined before us. */
class HostMergedTest {
    private static final int MTU = Offloads.INNER_MTU;

    @Test
    void aPacketLargerThanTheMtuIsSplitAgainByWhatTheMtuAllows() {
        byte[] joined4 = TransportChecksum.leavePartial(tcp(0, 4000).over(new Ipv4Packet()));
        assertThat(Offloads.merge(List.of(joined4))).containsExactly(delivered(joined4, MTU - 40));
        TcpSegment stamped = tcp(0, 4000).timestamps(1, 2);
        byte[] joined6 = TransportChecksum.leavePartial(stamped.over(new Ipv6Packet()));
        assertThat(Offloads.merge(List.of(joined6))).containsExactly(delivered(joined6, MTU - 72));
    }

    @Test
    void nothingIsJoinedToWhatTheHostJoined() {
        byte[] joined = TransportChecksum.leavePartial(tcp(0, 2872).over(new Ipv4Packet()));
        byte[] next = tcp(2872, 1436).over(new Ipv4Packet().identification(0x1235));
        byte[] before = tcp(-1436, 1436).over(new Ipv4Packet().identification(0x1233));
        assertThat(Offloads.merge(List.of(before, joined, next)))
                .containsExactly(delivered(before, 0), delivered(joined, 1436), delivered(next, 0));
    }

    @Test
    void aPacketThatNeverHadAChecksumIsOneSegment() {
        for (int payloadBytes : new int[] {1, 100, MTU - 40}) {
            byte[] packet = TransportChecksum.leavePartial(tcp(0, payloadBytes).over(ip(0)));
            assertThat(Offloads.merge(List.of(packet)))
                    .containsExactly(delivered(packet, PacketBatch.ONE_SEGMENT));
        }
        byte[] ack = TransportChecksum.leavePartial(new TcpSegment().over(new Ipv4Packet()));
        assertThat(Offloads.merge(List.of(ack)))
                .containsExactly(delivered(ack, PacketBatch.ONE_SEGMENT));
        byte[] syn =
                TransportChecksum.leavePartial(
                        new TcpSegment().flags(TcpSegment.SYN).over(new Ipv6Packet()));
        assertThat(Offloads.merge(List.of(syn)))
                .containsExactly(delivered(syn, PacketBatch.ONE_SEGMENT));
        byte[] options = TransportChecksum.leavePartial(tcp(0, 9).over(ip(0).options(new byte[4])));
        assertThat(Offloads.merge(List.of(options)))
                .containsExactly(delivered(options, PacketBatch.ONE_SEGMENT));
        byte[] datagram = TransportChecksum.leavePartial(udp(100).over(ip(0)));
        assertThat(Offloads.merge(List.of(datagram)))
                .containsExactly(delivered(datagram, PacketBatch.ONE_SEGMENT));
        assertThat(Offloads.merge(Offloads.batchOf(List.of(datagram)), false))
                .containsExactly(delivered(datagram, PacketBatch.ONE_SEGMENT));
        byte[] empty = TransportChecksum.leavePartial(udp(0).over(new Ipv6Packet()));
        assertThat(Offloads.merge(List.of(empty)))
                .containsExactly(delivered(empty, PacketBatch.ONE_SEGMENT));
    }

    @Test
    void packetsThatNeverHadAChecksumAreJoinedLikeOthers() {
        assertThat(
                        Offloads.merge(
                                List.of(
                                        TransportChecksum.leavePartial(
                                                tcp(0, MTU - 40).over(ip(0))),
                                        tcp(MTU - 40, MTU - 40).over(ip(1)))))
                .hasSize(1);
        byte[] first = TransportChecksum.leavePartial(tcp(0, 100).over(ip(0)));
        byte[] second = TransportChecksum.leavePartial(tcp(100, 100).over(ip(1)));
        byte[] third = tcp(200, 50).over(ip(2));
        List<Delivered> merged = Offloads.merge(List.of(first, second, third));
        assertThat(merged).hasSize(1);
        assertThat(merged.get(0).segmentBytes()).isEqualTo(100);
        assertThat(merged.get(0).bytes()).hasSize(290);
        assertThat(TransportChecksum.leavePartial(merged.get(0).bytes().clone()))
                .isEqualTo(merged.get(0).bytes());
    }

    @Test
    void aCompleteChecksumThatLooksPartialIsComplete() {
        byte[] packet = tcp(0, 100).over(ip(0));
        // the data that makes the right checksum equal the pseudo header's sum
        int pseudo =
                ByteBuffer.wrap(TransportChecksum.leavePartial(packet.clone())).getShort(36)
                        & 0xffff;
        int have = ByteBuffer.wrap(packet).getShort(36) & 0xffff;
        int word = ByteBuffer.wrap(packet).getShort(40) & 0xffff;
        byte[] words =
                ByteBuffer.allocate(6)
                        .putShort((short) word)
                        .putShort((short) have)
                        .putShort((short) ~pseudo)
                        .array();
        ByteBuffer.wrap(packet).putShort(40, (short) NaiveChecksum.sum(words));
        TransportChecksum.complete(packet);
        assertThat(ByteBuffer.wrap(packet).getShort(36)).isEqualTo((short) pseudo);
        assertThat(Offloads.merge(List.of(packet))).containsExactly(delivered(packet, 0));
    }

    @Test
    void aLargePacketWithItsOwnChecksumIsOnePacket() {
        byte[] large = tcp(0, 4000).over(ip(0));
        assertThat(Offloads.merge(List.of(large))).containsExactly(delivered(large, 0));
    }

    @Test
    void datagramsThatTheHostJoinedAreNotGluedTogether() {
        byte[] joined = TransportChecksum.leavePartial(udp(2000).over(ip(0)));
        PacketBatch batch = Offloads.batchOf(List.of(joined));
        assertThat(Offloads.merge(batch, true)).isEmpty();
        assertThat(batch.dropReason(0)).isEqualTo(DropReason.HOST_JOINED);
    }

    @Test
    void aSmallDatagramWithoutAChecksumMayBeSeveralWhereTheHostJoinsThem() {
        byte[] joined = TransportChecksum.leavePartial(udp(200).over(ip(0)));
        byte[] segment = TransportChecksum.leavePartial(tcp(0, 200).over(ip(0)));
        PacketBatch batch = Offloads.batchOf(List.of(joined, segment));
        Offloads.suspect(batch);
        new Coalescer(new HostMerges(() -> true))
                .coalesce(batch, Offloads.TUNNEL, MTU, DeviceOffload.ALL);
        assertThat(batch.dropReason(0)).isEqualTo(DropReason.HOST_JOINED);
        assertThat(Offloads.delivered(batch))
                .containsExactly(delivered(segment, PacketBatch.ONE_SEGMENT));
    }

    @Test
    void whatTheUnderlaySaysOfTheirSizeIsBelieved() {
        byte[] joined = TransportChecksum.leavePartial(udp(300).over(ip(0)));
        PacketBatch batch = Offloads.superPacket(joined, 100);
        assertThat(Offloads.merge(batch, true)).containsExactly(delivered(joined, 100));
    }

    @Test
    void aHostThatWasNeverSeenToMergeIsAskedLess() {
        HostMerges merges = new HostMerges(() -> false);
        assertThat(merges.suspects(64)).isEqualTo(64);
        for (int packets = 64; packets < 1 << 16; packets += 64) {
            assertThat(merges.suspects(64)).isEqualTo(64);
        }
        assertThat(merges.suspects(64)).isEqualTo(4);
        PacketBatch batch =
                Offloads.batchOf(List.of(TransportChecksum.leavePartial(tcp(0, 100).over(ip(0)))));
        Offloads.suspect(batch);
        assertThat(merges.mark(batch, Offloads.TUNNEL, MTU, DeviceOffload.ALL)).isFalse();
        assertThat(batch.segmentBytes(0)).isEqualTo(PacketBatch.ONE_SEGMENT);
        assertThat(merges.suspects(64)).isEqualTo(64);
    }

    @Test
    void aFragmentIsNotLookedInto() {
        byte[] fragment = TransportChecksum.leavePartial(tcp(0, 100).over(ip(0).moreFragments()));
        assertThat(Offloads.merge(List.of(fragment))).containsExactly(delivered(fragment, 0));
        byte[] behindRoute =
                new Ipv6Packet()
                        .nextHeader(43)
                        .payload(Hex.bytes("1102 0001 00000000", "00".repeat(16), "00".repeat(8)))
                        .bytes();
        assertThat(Offloads.merge(List.of(behindRoute))).containsExactly(delivered(behindRoute, 0));
    }

    private static Delivered delivered(byte[] packet, int segmentBytes) {
        return new Delivered(packet, segmentBytes);
    }

    private static Ipv4Packet ip(int index) {
        return new Ipv4Packet().identification(index);
    }

    private static TcpSegment tcp(int sequence, int payloadBytes) {
        return new TcpSegment().sequence(sequence).payload(noise(payloadBytes));
    }

    private static UdpDatagram udp(int payloadBytes) {
        return new UdpDatagram().payload(noise(payloadBytes));
    }

    private static byte[] noise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(bytes).nextBytes(noise);
        return noise;
    }
}

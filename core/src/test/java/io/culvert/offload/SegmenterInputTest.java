package io.culvert.offload;

import static io.culvert.offload.Offloads.noise;
import static io.culvert.offload.Offloads.superTcp;
import static io.culvert.offload.Offloads.target;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.PacketBatch;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.TransportChecksum;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is cut into segments, what is copied as it is, and what is refused. */
class SegmenterInputTest {
    private static final int UNLIMITED = 65_535;

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 52, 255, 256})
    void aSmallOrdinaryPacketIsCopiedWhole(int bytes) {
        byte[] packet = noise(bytes);
        PacketBatch source = Offloads.batchOf(List.of(packet));
        PacketBatch target = target(source);
        int slot = copyOrdinary(source, target);
        assertThat(target.tailBytes(slot)).isZero();
        assertThat(Offloads.whole(target, slot)).isEqualTo(packet);
    }

    @ParameterizedTest
    @ValueSource(ints = {257, 1500, 65_535})
    void ofALargeOrdinaryPacketTheStartIsCopiedAndTheRestStaysWhereItIs(int bytes) {
        byte[] packet = noise(bytes);
        PacketBatch source = Offloads.batchOf(List.of(packet));
        PacketBatch target = target(source);
        int slot = copyOrdinary(source, target);
        assertThat(target.lengthBytes(slot)).isEqualTo(120);
        assertThat(target.tailStart(slot)).isEqualTo(source.start(0) + 120);
        assertThat(Offloads.whole(target, slot)).isEqualTo(packet);
    }

    /** Copies the one packet of a batch; returns where to. */
    private static int copyOrdinary(PacketBatch source, PacketBatch target) {
        Segmenter segmenter = new Segmenter();
        assertThat(segmenter.start(source, 0, 100)).isTrue();
        int slot = segmenter.copyHeaderNext(target);
        assertThat(segmenter.hasNext()).isFalse();
        return slot;
    }

    @Test
    void nothingIsMadeOfWhatIsNoSuperPacket() {
        byte[] tcp = superTcp(new TcpSegment().payload(noise(30)));
        assertIsRefused(new byte[0]);
        assertIsRefused(new byte[60]);
        for (int bytes = 1; bytes < tcp.length; bytes++) {
            assertIsRefused(Arrays.copyOf(tcp, bytes));
        }
        assertIsRefused(new Ipv4Packet().protocol(1).payload(noise(40)).bytes());
        assertIsRefused(new Ipv4Packet().protocol(6).payload(new byte[40]).bytes());
        assertIsRefused(new Ipv4Packet().protocol(17).payload(new byte[40]).bytes());
        assertIsRefused(new TcpSegment().over(new Ipv4Packet().moreFragments()));
        assertIsRefused(new TcpSegment().over(new Ipv4Packet().fragmentOffsetBytes(8)));
        byte[] fragment = Hex.bytes("06 00 0000 00000001", "00".repeat(40));
        assertIsRefused(new Ipv6Packet().nextHeader(44).payload(fragment).bytes());
        assertIsRefused(longOptions(200, 20));
    }

    private static void assertIsRefused(byte[] packet) {
        Segmenter segmenter = new Segmenter();
        assertThat(segmenter.start(Offloads.superPacket(packet, 10), 0, UNLIMITED)).isFalse();
        assertThat(segmenter.hasNext()).isFalse();
    }

    @Test
    void headersMayFillASlotAndNoMore() {
        byte[] packet = longOptions(192, 24);
        assertThat(Offloads.split(Offloads.superPacket(packet, 10), UNLIMITED)).hasSize(3);
    }

    /** An IPv6 super-packet with destination options and TCP options of these sizes. */
    private static byte[] longOptions(int optionBytes, int tcpHeaderBytes) {
        byte[] tcp =
                new TcpSegment().options(new byte[tcpHeaderBytes - 20]).payload(noise(30)).bytes();
        byte[] payload =
                Arrays.copyOf(
                        new byte[] {6, (byte) (optionBytes / 8 - 1)}, optionBytes + tcp.length);
        System.arraycopy(tcp, 0, payload, optionBytes, tcp.length);
        return TransportChecksum.leavePartial(
                new Ipv6Packet().nextHeader(60).payload(payload).bytes());
    }

    @Test
    void theNextPacketIsNotHeldUpByOneThatWasRefused() {
        PacketBatch source =
                Offloads.batchOf(
                        List.of(new byte[40], superTcp(new TcpSegment().payload(noise(2)))));
        source.segmentBytes(0, 1);
        source.segmentBytes(1, 1);
        Segmenter segmenter = new Segmenter();
        assertThat(segmenter.start(source, 0, UNLIMITED)).isFalse();
        assertThat(segmenter.hasNext()).isFalse();
        assertThat(segmenter.start(source, 1, UNLIMITED)).isTrue();
        PacketBatch target = target(source);
        segmenter.copyHeaderNext(target);
        assertThat(segmenter.hasNext()).isTrue();
        segmenter.copyHeaderNext(target);
        assertThat(segmenter.hasNext()).isFalse();
    }
}

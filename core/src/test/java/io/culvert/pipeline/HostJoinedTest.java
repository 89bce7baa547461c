package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.spec.TunnelMode;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.OuterPacket;
import io.culvert.testing.Specs;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.TransportChecksum;
import io.culvert.testing.UdpDatagram;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Packets that the host joined before the tunnel read them come out of a device without offload as
 * they were sent, or are counted. They are joined here as Linux 6.18 was seen to join them.
 */
class HostJoinedTest {
    private static final int PLAIN = 0;
    private static final int SUMS = 1;
    private static final int FRAMES = 2;
    private static final int FRAMES_SUMS = 3;
    private static final int MTU = 1000;
    private static final String GRE = "0000 ";
    private static final String GRE_SUM = "8000 ";

    private final EmbeddedLane lane =
            new EmbeddedLane(
                    1500,
                    Specs.of(TunnelMode.GRE).build(),
                    Specs.of(TunnelMode.GRE)
                            .remote(Specs.address(0xc000_0203))
                            .checksum(true)
                            .build(),
                    Specs.of(TunnelMode.GRETAP).build(),
                    Specs.of(TunnelMode.GRETAP)
                            .remote(Specs.address(0xc000_0203))
                            .checksum(true)
                            .build());

    HostJoinedTest() {
        lane.ports.forEach(port -> port.innerMtu(MTU));
    }

    @AfterEach
    void close() {
        lane.close();
    }

    @ParameterizedTest
    @CsvSource({"4, 5, 7", "6, 5, 7", "4, 2, 960", "6, 46, 1"})
    void tcpOfTheMtusSizeIsDeliveredAsItWasSent(int version, int segments, int lastBytes) {
        int full = MTU - (version == 4 ? 40 : 60);
        List<byte[]> sent = flow(version, true, segments, full, Math.min(lastBytes, full));
        readFromWire(PLAIN, GRE, joined(sent));
        assertDelivered(PLAIN, sent);
    }

    @Test
    void whatFollowsInTheFlowStaysBehind() {
        List<byte[]> sent = flow(4, true, 6, MTU - 40, 30);
        lane.readFromWire(
                outer(PLAIN, GRE, sent.get(0), sent.get(0)),
                outer(PLAIN, GRE, joined(sent.subList(1, 4)), null),
                outer(PLAIN, GRE, sent.get(4), null),
                outer(PLAIN, GRE, sent.get(5), null));
        assertDelivered(PLAIN, sent);
    }

    @ParameterizedTest
    @CsvSource({"true, 100, 7", "true, 960, 1", "false, 100, 99", "false, 972, 5", "false, 1, 1"})
    void theGreChecksumTellsTheSizeOfWhatWasJoined(boolean isTcp, int bytes, int lastBytes) {
        List<byte[]> sent = flow(4, isTcp, 5, bytes, lastBytes);
        readFromWire(SUMS, GRE_SUM, joined(sent), sent.get(0));
        assertDelivered(SUMS, sent);
    }

    @Test
    void theGreChecksumOfJoinedIpv6IsRight() {
        List<byte[]> sent = flow(6, true, 5, MTU - 60, 7);
        readFromWire(SUMS, GRE_SUM, joined(sent), sent.get(0));
        assertDelivered(SUMS, sent);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void aGreChecksumThatIsWrongIsWrongAlsoInFrontOfJoinedPackets(int version) {
        List<byte[]> sent = flow(version, true, 5, 900, 7);
        byte[] joined = joined(sent);
        joined[TransportChecksum.checksumAt(joined)] ^= 1;
        readFromWire(SUMS, GRE_SUM, joined, sent.get(0));
        assertThat(lane.strayCounts()).isEqualTo(Map.of("RECEIVED", 1L, "GRE_CHECKSUM", 1L));
        lane.assertThatNothingElseHappened(PacketBatch.NO_TUNNEL);
    }

    @ParameterizedTest
    @CsvSource({"4, true", "6, true", "4, false", "6, false"})
    void aChecksumThatWasLeftOpenIsCompleted(int version, boolean isTcp) {
        byte[] sent = flow(version, isTcp, 1, 100, 100).get(0);
        byte[] partial = TransportChecksum.leavePartial(sent.clone());
        readFromWire(PLAIN, GRE, partial);
        readFromWire(SUMS, GRE_SUM, partial, sent);
        assertThat(lane.deliveredTo(PLAIN)).containsExactly(sent);
        assertThat(lane.deliveredTo(SUMS)).containsExactly(sent);
    }

    /** {@code ethtool -K eth0 rx-gro-list on}: the first segment's checksum stays. */
    @ParameterizedTest
    @CsvSource({"4, 960", "6, 940", "4, 700", "6, 333"})
    void aListOfTcpSegmentsIsCutWhereTheFirstOnesChecksumEnds(int version, int bytes) {
        List<byte[]> sent = flow(version, true, 9, bytes, 7);
        byte[] joined = joined(sent);
        byte[] first = sent.get(0);
        ByteBuffer.wrap(joined)
                .putShort(
                        TransportChecksum.checksumAt(joined),
                        ByteBuffer.wrap(first).getShort(TransportChecksum.checksumAt(first)));
        readFromWire(PLAIN, GRE, joined);
        readFromWire(SUMS, GRE_SUM, joined, first);
        assertThat(lane.deliveredTo(PLAIN)).containsExactlyElementsOf(sent);
        assertThat(lane.deliveredTo(SUMS)).containsExactlyElementsOf(sent);
    }

    @Test
    void onceAListWasSeenShortOnesAreRecognisedToo() {
        List<byte[]> large = flow(4, true, 9, 960, 7);
        List<byte[]> small = flow(4, true, 3, 100, 50);
        for (List<byte[]> sent : List.of(large, small)) {
            byte[] joined = joined(sent);
            byte[] first = sent.get(0);
            joined[36] = first[36];
            joined[37] = first[37];
            readFromWire(PLAIN, GRE, joined);
            assertThat(lane.deliveredTo(PLAIN)).containsExactlyElementsOf(sent);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void datagramsOfUnknownSizeAreCounted(int version) {
        readFromWire(PLAIN, GRE, joined(flow(version, false, 5, 900, 900)));
        readFromWire(PLAIN, GRE, joined(flow(version, false, 2, 100, 100)));
        byte[] single = flow(version, false, 1, 900, 900).get(0);
        readFromWire(PLAIN, GRE, single);
        assertThat(lane.deliveredTo(PLAIN)).containsExactly(single);
        assertThat(lane.counts(PLAIN))
                .isEqualTo(
                        Map.of(
                                "RECEIVED",
                                3L,
                                "HOST_JOINED",
                                2L,
                                "DELIVERED",
                                1L,
                                "DELIVERED_BYTES",
                                (long) single.length));
        lane.assertThatNothingElseHappened(PLAIN);
    }

    @ParameterizedTest
    @CsvSource({"4, true", "6, true", "4, false", "6, false"})
    void whatTheUnderlaySaysOfTheirSizeIsBelieved(int version, boolean isTcp) {
        List<byte[]> sent = flow(version, isTcp, 7, 100, 30);
        PacketBatch batch = lane.batch(outer(PLAIN, GRE, joined(sent), null));
        batch.segmentBytes(0, 100);
        lane.underlay.writeInbound(batch);
        assertDelivered(PLAIN, sent);
    }

    @Test
    void segmentsThatADeviceRefusesAreCountedOneByOne() {
        readFromWire(PLAIN, GRE, joined(flow(4, true, 4, 960, 7)));
        PacketBatch batch = lane.devices.get(PLAIN).readOutbound();
        batch.drop(1, DropReason.DEVICE_DOWN);
        batch.drop(3, DropReason.DEVICE_DOWN);
        batch.release();
        assertThat(lane.counts(PLAIN))
                .isEqualTo(
                        Map.of(
                                "RECEIVED", 4L,
                                "DELIVERED", 2L,
                                "DELIVERED_BYTES", 2000L,
                                "DEVICE_DOWN", 2L));
        lane.assertThatNothingElseHappened(PLAIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "8100 0007 ", "88a8 0008 8100 0009 "})
    void whatWasJoinedInsideFramesIsCutIntoTheFramesThatWereSent(String tags) {
        for (int version : new int[] {4, 6}) {
            for (boolean isJoined : new boolean[] {true, false}) {
                List<byte[]> sent =
                        isJoined
                                ? flow(version, true, 5, MTU - (version == 4 ? 40 : 60), 7)
                                : flow(version, true, 1, 100, 100);
                byte[] inner = joined(sent);
                byte[] frame = frame(tags, inner);
                byte[] first = frame(tags, sent.get(0));
                List<byte[]> frames = sent.stream().map(packet -> frame(tags, packet)).toList();
                lane.readFromWire(outer(FRAMES, "0000 6558", frame, null));
                lane.readFromWire(outer(FRAMES_SUMS, "8000 6558", frame, first));
                assertThat(lane.deliveredTo(FRAMES)).containsExactlyElementsOf(frames);
                assertThat(lane.deliveredTo(FRAMES_SUMS)).containsExactlyElementsOf(frames);
            }
        }
        assertThat(lane.strayCounts()).isEmpty();
        assertThat(lane.counts(FRAMES))
                .containsOnlyKeys("RECEIVED", "DELIVERED", "DELIVERED_BYTES");
        assertThat(lane.counts(FRAMES_SUMS)).isEqualTo(lane.counts(FRAMES));
    }

    @Test
    void aGreChecksumThatIsWrongIsWrongAlsoInFrontOfJoinedFrames() {
        List<byte[]> sent = flow(4, true, 5, 900, 7);
        byte[] joined = joined(sent);
        joined[TransportChecksum.checksumAt(joined)] ^= 1;
        byte[] first = frame("", sent.get(0));
        lane.readFromWire(outer(FRAMES_SUMS, "8000 6558", frame("", joined), first));
        assertThat(lane.strayCounts()).isEqualTo(Map.of("RECEIVED", 1L, "GRE_CHECKSUM", 1L));
        lane.assertThatNothingElseHappened(PacketBatch.NO_TUNNEL);
    }

    private static byte[] frame(String tags, byte[] packet) {
        String type = packet[0] >> 4 == 4 ? "0800" : "86dd";
        byte[] link = Hex.bytes("46000000000a 02000000000b " + tags + type);
        return ByteBuffer.allocate(link.length + packet.length).put(link).put(packet).array();
    }

    private void assertDelivered(int tunnel, List<byte[]> sent) {
        assertThat(lane.deliveredTo(tunnel)).containsExactlyElementsOf(sent);
        long bytes = sent.stream().mapToLong(packet -> packet.length).sum();
        long packets = sent.size();
        assertThat(lane.counts(tunnel))
                .isEqualTo(
                        Map.of(
                                "RECEIVED",
                                packets,
                                "DELIVERED",
                                packets,
                                "DELIVERED_BYTES",
                                bytes));
        lane.assertThatNothingElseHappened(tunnel);
    }

    private void readFromWire(int tunnel, String greFlags, byte[] inner) {
        readFromWire(tunnel, greFlags, inner, inner);
    }

    private void readFromWire(int tunnel, String greFlags, byte[] inner, byte[] summed) {
        lane.readFromWire(outer(tunnel, greFlags, inner, summed));
    }

    /**
     * @param summed what the GRE checksum, if there is one, is about
     */
    private static byte[] outer(int tunnel, String greFlags, byte[] inner, byte[] summed) {
        boolean isFrame = tunnel == FRAMES || tunnel == FRAMES_SUMS;
        String type = isFrame ? "" : inner[0] >> 4 == 4 ? "0800" : "86dd";
        Ipv4Packet outer = OuterPacket.gre(greFlags + type, inner);
        boolean hasSum = tunnel == SUMS || tunnel == FRAMES_SUMS;
        if (hasSum) {
            byte[] first =
                    OuterPacket.greWithChecksum(greFlags + type + "00000000", summed).bytes();
            ByteArrayOutputStream gre = new ByteArrayOutputStream();
            gre.write(first, 20, 8);
            gre.writeBytes(inner);
            outer = OuterPacket.carrying(47, gre.toByteArray());
        }
        return outer.source(hasSum ? 0xc000_0203 : Specs.REMOTE).bytes();
    }

    /** Packets of one flow, as a host sends them. */
    private static List<byte[]> flow(
            int version, boolean isTcp, int packets, int bytes, int lastBytes) {
        Random random = new Random(31L * bytes + packets);
        List<byte[]> flow = new ArrayList<>();
        for (int i = 0; i < packets; i++) {
            byte[] payload = new byte[i == packets - 1 ? lastBytes : bytes];
            random.nextBytes(payload);
            Ipv4Packet ip4 = new Ipv4Packet().identification(700 + i).dontFragment();
            TcpSegment tcp = new TcpSegment().sequence(1000 + i * bytes).payload(payload);
            UdpDatagram udp = new UdpDatagram().payload(payload);
            if (version == 4) {
                flow.add(isTcp ? tcp.over(ip4) : udp.over(ip4));
            } else {
                flow.add(isTcp ? tcp.over(new Ipv6Packet()) : udp.over(new Ipv6Packet()));
            }
        }
        return flow;
    }

    /** What Linux makes of them. */
    private static byte[] joined(List<byte[]> packets) {
        byte[] first = packets.get(0);
        boolean isIpv4 = first[0] >> 4 == 4;
        boolean isUdp = first[isIpv4 ? 9 : 6] == 17;
        int headerBytes = TransportChecksum.transportAt(first) + (isUdp ? 8 : 20);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(first, 0, headerBytes);
        for (byte[] packet : packets) {
            all.writeBytes(Arrays.copyOfRange(packet, headerBytes, packet.length));
        }
        byte[] joined = all.toByteArray();
        ByteBuffer bytes = ByteBuffer.wrap(joined);
        if (isUdp) {
            int at = TransportChecksum.transportAt(first);
            bytes.putShort(at + 4, (short) (joined.length - at));
        }
        if (isIpv4) {
            bytes.putShort(2, (short) joined.length);
            Ipv4Packet.withHeaderChecksum(joined);
        } else {
            bytes.putShort(4, (short) (joined.length - 40));
        }
        return TransportChecksum.leavePartial(joined);
    }
}

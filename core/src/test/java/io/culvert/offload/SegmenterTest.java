package io.culvert.offload;

import static io.culvert.offload.Offloads.noise;
import static io.culvert.offload.Offloads.superTcp;
import static io.culvert.offload.Offloads.target;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.PacketBatch;
import io.culvert.testing.Hex;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.Seeds;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.TransportChecksum;
import io.culvert.testing.UdpDatagram;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a super-packet is cut, and what its segments say. */
class SegmenterTest {
    private static final int UNLIMITED = 65_535;

    @Test
    void payloadStaysInTheSourceAndNothingElseIsWritten() {
        byte[] packet = superTcp(new TcpSegment().timestamps(1, 2).payload(noise(2500)));
        PacketBatch source = Offloads.superPacket(packet, 1000);
        byte[] sourceBefore = bytesOf(source.memory());
        PacketBatch target = target(source);
        byte[] dirt = bytesOf(target.memory());
        Arrays.fill(dirt, (byte) 0xa5);
        target.memory().put(0, dirt);

        Segmenter segmenter = new Segmenter();
        assertThat(segmenter.start(source, 0, UNLIMITED)).isTrue();
        int expectedTail = source.start(0) + 52;
        while (segmenter.hasNext()) {
            int slot = segmenter.copyHeaderNext(target);
            assertThat(target.lengthBytes(slot)).isEqualTo(52);
            assertThat(target.tailStart(slot)).isEqualTo(expectedTail);
            expectedTail += target.tailBytes(slot);
            Arrays.fill(dirt, target.start(slot), target.start(slot) + 52, (byte) 0);
            target.memory().put(target.start(slot), new byte[52]);
        }
        assertThat(target.size()).isEqualTo(3);
        assertThat(expectedTail).isEqualTo(source.start(0) + packet.length);
        assertThat(bytesOf(source.memory())).isEqualTo(sourceBefore);
        assertThat(bytesOf(target.memory())).isEqualTo(dirt);
        assertThat(source.isLive(0)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 999, 1000, 1001, 1999, 2000, 2001, 64_000, 65_483})
    void payloadOfAnySizeIsCutWhereTheSegmentsEnd(int payloadBytes) {
        byte[] payload = noise(payloadBytes);
        byte[] packet = superTcp(new TcpSegment().timestamps(1, 2).payload(payload));
        List<byte[]> segments = Offloads.split(Offloads.superPacket(packet, 1000), UNLIMITED);
        int at = 0;
        for (byte[] segment : segments) {
            int bytes = Math.min(1000, payloadBytes - at);
            assertThat(Arrays.copyOfRange(segment, 52, segment.length))
                    .isEqualTo(Arrays.copyOfRange(payload, at, at + bytes));
            assertIsRight(segment);
            at += bytes;
        }
        assertThat(at).isEqualTo(payloadBytes);
    }

    @Test
    void aSuperPacketWithoutPayloadIsOneSegment() {
        List<byte[]> segments =
                Offloads.split(Offloads.superPacket(superTcp(new TcpSegment()), 10), UNLIMITED);
        assertThat(segments).hasSize(1);
        assertThat(segments.get(0)).isEqualTo(new TcpSegment().over(new Ipv4Packet()));
    }

    @Test
    void everyFlagStandsWhereTheKernelPutsIt() {
        for (int flags = 0; flags < 256; flags++) {
            byte[] packet = superTcp(new TcpSegment().flags(flags).reserved(5).payload(noise(30)));
            List<byte[]> segments = Offloads.split(Offloads.superPacket(packet, 10), UNLIMITED);
            int atTheEnd = TcpSegment.FIN | TcpSegment.PSH;
            assertThat(segments)
                    .map(segment -> segment[33] & 0xff)
                    .as("flags %02x", flags)
                    .containsExactly(
                            flags & ~atTheEnd,
                            flags & ~atTheEnd & ~TcpSegment.CWR,
                            flags & ~TcpSegment.CWR);
            assertThat(segments).allMatch(segment -> segment[32] == 0x55);
            segments.forEach(SegmenterTest::assertIsRight);
        }
    }

    @Test
    void sequenceNumbersAndIdentificationsWrap() {
        byte[] packet =
                TransportChecksum.leavePartial(
                        new TcpSegment()
                                .sequence(-10)
                                .payload(noise(30))
                                .over(new Ipv4Packet().identification(0xffff).dontFragment()));
        List<byte[]> segments = Offloads.split(Offloads.superPacket(packet, 10), UNLIMITED);
        assertThat(segments)
                .map(segment -> ByteBuffer.wrap(segment).getInt(24))
                .containsExactly(-10, 0, 10);
        assertThat(segments)
                .map(segment -> ByteBuffer.wrap(segment).getShort(4) & 0xffff)
                .containsExactly(0xffff, 0, 1);
        assertThat(segments).allMatch(segment -> segment[6] == 0x40);
        segments.forEach(SegmenterTest::assertIsRight);
    }

    @Test
    void segmentsOfTcpAreMadeToFitAPathThatHasBecomeNarrower() {
        byte[] payload = noise(3000);
        byte[] packet = superTcp(new TcpSegment().timestamps(1, 2).payload(payload));
        List<byte[]> segments = Offloads.split(Offloads.superPacket(packet, 1400), 1000);
        assertThat(segments).hasSize(4).allMatch(segment -> segment.length <= 1000);
        assertThat(segments.get(0)).hasSize(1000);
        assertThat(ByteBuffer.wrap(segments.get(3)).getInt(24))
                .isEqualTo(0x0102_0304 + 3 * (1000 - 52));
        segments.forEach(SegmenterTest::assertIsRight);
    }

    @Test
    void whatCanNeverFitKeepsItsSize() {
        byte[] tcp = superTcp(new TcpSegment().payload(noise(30)));
        assertThat(Offloads.split(Offloads.superPacket(tcp, 10), 40)).hasSize(3);
        byte[] udp = superUdp(noise(3000), new Ipv4Packet());
        assertThat(Offloads.split(Offloads.superPacket(udp, 1400), 1000))
                .map(segment -> segment.length)
                .containsExactly(1428, 1428, 228);
    }

    @Test
    void datagramsHaveTheirOwnLengths() {
        byte[] udp = superUdp(noise(25), new Ipv4Packet().identification(7));
        List<byte[]> segments = Offloads.split(Offloads.superPacket(udp, 10), UNLIMITED);
        assertThat(segments)
                .map(segment -> ByteBuffer.wrap(segment).getShort(24))
                .containsExactly((short) 18, (short) 18, (short) 13);
        assertThat(segments)
                .map(segment -> ByteBuffer.wrap(segment).getShort(4))
                .containsExactly((short) 7, (short) 8, (short) 9);
        segments.forEach(SegmenterTest::assertIsRight);
    }

    @Test
    void aDatagramNeverLooksAsIfItHadNoChecksum() {
        byte[] payload = noise(20);
        byte[] first = new UdpDatagram().payload(Arrays.copyOf(payload, 10)).over(new Ipv4Packet());
        // adds to the payload what its checksum is, so that the new one is 0
        int checksum = ByteBuffer.wrap(first).getShort(26) & 0xffff;
        int word = (ByteBuffer.wrap(payload).getShort(0) & 0xffff) + checksum;
        ByteBuffer.wrap(payload).putShort(0, (short) (word + (word >>> 16)));

        byte[] udp = superUdp(payload, new Ipv4Packet());
        List<byte[]> segments = Offloads.split(Offloads.superPacket(udp, 10), UNLIMITED);
        assertThat(ByteBuffer.wrap(segments.get(0)).getShort(26)).isEqualTo((short) 0xffff);
        segments.forEach(SegmenterTest::assertIsRight);
    }

    @Test
    void optionsGoWithEverySegment() {
        byte[] options = Hex.bytes("9404 0000 0101 0100");
        byte[] packet =
                TransportChecksum.leavePartial(
                        new TcpSegment()
                                .payload(noise(30))
                                .over(new Ipv4Packet().options(options)));
        List<byte[]> segments = Offloads.split(Offloads.superPacket(packet, 10), UNLIMITED);
        assertThat(segments)
                .hasSize(3)
                .allSatisfy(
                        segment ->
                                assertThat(Arrays.copyOfRange(segment, 20, 28)).isEqualTo(options));
        segments.forEach(SegmenterTest::assertIsRight);
    }

    @Test
    void theFinalDestinationIsInTheSendersOwnSum() {
        // RFC 8200 §8.1: with a routing header, the pseudo header has the last address of the route
        byte[] finalDestination = Hex.bytes("20010db8 00000000 00000000 000000aa");
        byte[] tcp = new TcpSegment().payload(noise(30)).bytes();
        byte[] direct =
                new TcpSegment()
                        .payload(noise(30))
                        .over(new Ipv6Packet().destination("20010db80000000000000000000000aa"));
        byte[] partial = TransportChecksum.leavePartial(direct);
        System.arraycopy(partial, 56, tcp, 16, 2);
        byte[] routing =
                ByteBuffer.allocate(24 + tcp.length)
                        .put(Hex.bytes("0602 0001 00000000"))
                        .put(finalDestination)
                        .put(tcp)
                        .array();
        byte[] packet = new Ipv6Packet().nextHeader(43).payload(routing).bytes();

        List<byte[]> segments = Offloads.split(Offloads.superPacket(packet, 10), UNLIMITED);
        assertThat(segments).hasSize(3);
        for (byte[] segment : segments) {
            // as the final destination gets it
            System.arraycopy(finalDestination, 0, segment, 24, 16);
            assertThat(TransportChecksum.isRight(segment)).isTrue();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void whateverItsSizesASegmentDiffersFromTheWholeInItsOwnFieldsOnly(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            byte[] payload = new byte[random.nextInt(20_000)];
            random.nextBytes(payload);
            int segmentBytes = 200 + random.nextInt(1300);
            int maxPacketBytes = 300 + random.nextInt(1300);
            boolean isIpv4 = random.nextBoolean();
            TcpSegment tcp =
                    new TcpSegment()
                            .sequence(random.nextInt())
                            .urgentPointer(random.nextInt(1 << 16))
                            .options(new byte[4 * random.nextInt(11)])
                            .payload(payload);
            byte[] whole =
                    TransportChecksum.leavePartial(
                            isIpv4
                                    ? tcp.over(
                                            new Ipv4Packet()
                                                    .options(new byte[4 * random.nextInt(11)]))
                                    : tcp.over(new Ipv6Packet()));
            int headerBytes = whole.length - payload.length;
            int transportAt = TransportChecksum.transportAt(whole);
            List<byte[]> segments =
                    Offloads.split(Offloads.superPacket(whole, segmentBytes), maxPacketBytes);
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (byte[] segment : segments) {
                assertIsRight(segment);
                assertThat(segment.length)
                        .isLessThanOrEqualTo(Math.min(maxPacketBytes, headerBytes + segmentBytes));
                stream.write(segment, headerBytes, segment.length - headerBytes);
                assertThat(ownFieldsBlanked(segment, headerBytes, transportAt))
                        .isEqualTo(ownFieldsBlanked(whole, headerBytes, transportAt));
            }
            assertThat(stream.toByteArray()).isEqualTo(payload);
        }
    }

    private static byte[] ownFieldsBlanked(byte[] packet, int headerBytes, int transportAt) {
        ByteBuffer header = ByteBuffer.wrap(Arrays.copyOf(packet, headerBytes));
        if (packet[0] >> 4 == 4) {
            header.putShort(2, (short) 0).putShort(4, (short) 0).putShort(10, (short) 0);
        } else {
            header.putShort(4, (short) 0);
        }
        return header.putInt(transportAt + 4, 0).putShort(transportAt + 16, (short) 0).array();
    }

    /** Lengths and checksums say the same as the packet is. */
    private static void assertIsRight(byte[] segment) {
        ByteBuffer packet = ByteBuffer.wrap(segment);
        if (segment[0] >> 4 == 4) {
            assertThat(packet.getShort(2)).isEqualTo((short) segment.length);
            assertThat(Ipv4Packet.withHeaderChecksum(segment.clone())).isEqualTo(segment);
        } else {
            assertThat(packet.getShort(4)).isEqualTo((short) (segment.length - 40));
        }
        assertThat(TransportChecksum.isRight(segment)).isTrue();
    }

    private static byte[] superUdp(byte[] payload, Ipv4Packet ip) {
        return TransportChecksum.leavePartial(new UdpDatagram().payload(payload).over(ip));
    }

    private static byte[] bytesOf(ByteBuffer memory) {
        byte[] bytes = new byte[memory.capacity()];
        memory.get(0, bytes);
        return bytes;
    }
}

package io.culvert.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.culvert.dissect.Dissection;
import io.culvert.dissect.Dissector;
import io.culvert.dissect.LinkType;
import io.culvert.survey.TunnelSurvey;
import io.culvert.testing.Seeds;
import io.culvert.testing.Vectors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Arbitrary bytes in place of a capture file: they are no capture, or are read to their end or to
 * where they make no sense; and what is read can be taken apart, surveyed and written again.
 */
class CaptureReaderFuzzTest {
    private static final int MUTANTS_PER_SEED = 4_000;
    private static final int MOST_TUNNELS = 50;

    @Tag("fuzz")
    @FuzzTest(maxDuration = "")
    void anyBytesAreReadOrRefused(byte[] file) throws IOException {
        read(file);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void mutatedCapturesAreReadOrRefused(long seed) throws IOException {
        Random random = new Random(seed);
        byte[] pcapng = pcapng();
        byte[] pcap = pcap();
        int readToSomewhere = 0;
        for (int i = 0; i < MUTANTS_PER_SEED; i++) {
            byte[] mutant = (random.nextBoolean() ? pcapng : pcap).clone();
            for (int change = random.nextInt(8); change >= 0; change--) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
            }
            readToSomewhere += read(mutant) > 0 ? 1 : 0;
        }
        assertThat(readToSomewhere).isGreaterThan(MUTANTS_PER_SEED / 4);
    }

    private static int read(byte[] file) throws IOException {
        CaptureReader reader;
        try {
            reader = CaptureReader.open(new ByteArrayInputStream(file));
        } catch (CaptureFormatException e) {
            return 0;
        }
        TunnelSurvey survey = new TunnelSurvey(MOST_TUNNELS);
        PcapngWriter writer = new PcapngWriter(new ByteArrayOutputStream(), "fuzz");
        Dissector dissector = new Dissector();
        int interfaces = 0;
        int packets = 0;
        long bytes = 0;
        for (CapturedPacket packet = reader.next(); packet != null; packet = reader.next()) {
            for (; interfaces < reader.interfaces().size(); interfaces++) {
                writer.addInterface(reader.interfaces().get(interfaces));
            }
            writer.write(packet);
            assertThat(packet.originalBytes()).isGreaterThanOrEqualTo(packet.capturedBytes());
            Optional<LinkType> type = LinkType.of(reader.linkType(packet));
            if (type.isPresent()) {
                survey.add(dissection(dissector, type.get(), packet), packet.epochNanos());
            }
            packets++;
            bytes += packet.capturedBytes();
        }
        assertThat(bytes).isLessThanOrEqualTo(file.length);
        assertThat(survey.tunnels()).hasSizeLessThanOrEqualTo(MOST_TUNNELS);
        assertThat(reader.next()).isNull();
        return packets;
    }

    private static Dissection dissection(
            Dissector dissector, LinkType type, CapturedPacket packet) {
        return dissector.dissect(
                type,
                packet.bytes(),
                packet.bytes().position(),
                packet.capturedBytes(),
                packet.originalBytes());
    }

    private static byte[] pcapng() throws IOException {
        var out = new ByteArrayOutputStream();
        try (PcapngWriter writer = new PcapngWriter(out, "seed")) {
            writer.addInterface(CaptureInterface.of("tun0", CaptureInterface.RAW_IP));
            writer.addInterface(CaptureInterface.of("eth0", CaptureInterface.ETHERNET));
            for (byte[] packet : seeds()) {
                writer.write(
                        CapturedPacket.whole(0, 1, ByteBuffer.wrap(packet))
                                .withComments(List.of("seed"))
                                .withDirection(CapturedPacket.Direction.INBOUND));
            }
            writer.writeStatistics(0, 1, 2, 3);
        }
        return out.toByteArray();
    }

    private static byte[] pcap() throws IOException {
        var out = new ByteArrayOutputStream();
        ByteBuffer header = ByteBuffer.allocate(24).putInt(0xa1b2c3d4);
        out.write(header.putShort((short) 2).putShort((short) 4).putInt(20, 101).array());
        for (byte[] packet : seeds()) {
            ByteBuffer record = ByteBuffer.allocate(16 + packet.length).putInt(1).putInt(2);
            out.write(record.putInt(packet.length).putInt(packet.length).put(packet).array());
        }
        return out.toByteArray();
    }

    private static List<byte[]> seeds() {
        return List.of(
                Vectors.packets("gre-key-csum-seq-in4").get(0),
                Vectors.packets("ipip-in4").get(0),
                Vectors.packets("sit-in6").get(0),
                Vectors.packets("gre-mtu1500-ignoredf-big4").get(1));
    }
}

package io.culvert.dissect;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.culvert.testing.Captures;
import io.culvert.testing.PcapFile;
import io.culvert.testing.RandomTunnels;
import io.culvert.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Arbitrary bytes in place of a packet: no exception, nothing read outside of them, and an output
 * that is bounded.
 */
class AnyBytesTest {
    private static final Dissector DISSECTOR =
            new Dissector(Map.of(5555, UdpPayload.GUESS, 1, UdpPayload.GUE, 2, UdpPayload.GRE));
    private static final int MUTANTS_PER_SEED = 8_000;

    /** The longest list of fields: the options of an IPv6 header. */
    private static final int MOST_FIELDS_A_LAYER = 160;

    @Tag("fuzz")
    @FuzzTest(maxDuration = "")
    void anyBytesAreTakenApart(byte[] packet) {
        assertIsTakenApart(packet, packet.length * 31);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void mutatedPacketsAreTakenApart(long seed) {
        RandomTunnels mutations = new RandomTunnels(seed);
        List<byte[]> packets = new ArrayList<>();
        for (String path : Captures.paths()) {
            PcapFile capture = Captures.read(path);
            packets.addAll(capture.records().subList(0, path.contains("odd") ? 41 : 2));
        }
        for (int i = 0; i < MUTANTS_PER_SEED; i++) {
            byte[] packet = packets.get(mutations.random().nextInt(packets.size()));
            assertIsTakenApart(mutations.mutated(packet), mutations.random().nextInt());
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void randomBytesAreTakenApart(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < MUTANTS_PER_SEED; i++) {
            byte[] packet = new byte[random.nextInt(random.nextInt(10) == 0 ? 3000 : 100)];
            random.nextBytes(packet);
            assertIsTakenApart(packet, random.nextInt());
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void aPacketCutShortAnywhereIsTakenApart(long seed) {
        for (byte[] packet : Captures.read("captures/odd.pcap").records()) {
            for (int length = 0; length <= packet.length; length++) {
                assertIsTakenApart(Arrays.copyOf(packet, length), (int) seed);
            }
        }
    }

    /** The bytes stand alone in their memory, so that a read beyond them throws. */
    private static void assertIsTakenApart(byte[] packet, int salt) {
        LinkType link = LinkType.values()[Math.floorMod(salt, LinkType.values().length)];
        int wireBytes = (salt & 0x40) == 0 ? packet.length : packet.length + (salt >>> 8 & 0xfff);
        Dissection read =
                DISSECTOR.dissect(link, ByteBuffer.wrap(packet), 0, packet.length, wireBytes);
        assertThat(read.layers()).hasSizeLessThanOrEqualTo(Dissector.MOST_LAYERS);
        int end = 0;
        for (Layer layer : read.layers()) {
            assertThat(layer.offset()).isGreaterThanOrEqualTo(end);
            assertThat(layer.lengthBytes()).isNotNegative();
            assertThat(layer.end()).isLessThanOrEqualTo(Math.max(wireBytes, packet.length));
            assertThat(layer.fields()).hasSizeLessThan(MOST_FIELDS_A_LAYER);
            assertThat(layer.fields())
                    .allSatisfy(
                            field -> {
                                assertThat(field.byteAt()).isGreaterThanOrEqualTo(layer.offset());
                                assertThat(field.endByte()).isLessThanOrEqualTo(packet.length);
                            });
            end = layer.end();
        }
        assertThat(OneLine.of(read)).isNotEmpty().hasSizeLessThan(20_000).doesNotContain("\n");
        assertThat(Tree.of(read, true)).allSatisfy(line -> assertThat(line).hasSizeLessThan(200));
        assertThat(Outline.of(read)).containsKey("layers");
    }
}

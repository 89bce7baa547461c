package io.culvert.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.TunnelWords;
import io.culvert.convert.Replay.Fate;
import io.culvert.dissect.Dissector;
import io.culvert.observe.CaptureReader;
import io.culvert.observe.CapturedPacket;
import io.culvert.spec.TunnelSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Linux kernels' tunnels sent, replayed to the tunnel at the other end, which is described by
 * the words that the kernel's was made with: all of it is delivered, and nothing to another tunnel.
 */
final class ReplayVectorsTest {
    private static final Path VECTORS = Path.of("../core/src/test/resources/vectors");
    private static final Pattern ROW =
            Pattern.compile("\\| ([\\w-]+)\\.pcap \\| (\\d+) \\| `ip (?:-6 )?\\w+ add ([^`]+)`.*");

    /** A capture and the words of the tunnel that sent it. */
    record Vector(String name, int packets, String words) {
        TunnelSpec receiver() {
            TunnelSpec sender = TunnelWords.parse(Arrays.asList(words.split(" "))).spec();
            return sender.toBuilder().local(sender.remote()).remote(sender.local()).build();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Vector> vectors() throws IOException {
        List<Vector> vectors =
                Files.readAllLines(VECTORS.resolve("README.md")).stream()
                        .map(ROW::matcher)
                        .filter(Matcher::matches)
                        .map(row -> new Vector(row.group(1), number(row.group(2)), row.group(3)))
                        .toList();
        assertThat(vectors).hasSizeGreaterThan(50);
        return vectors.stream();
    }

    private static int number(String text) {
        return Integer.parseInt(text);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void theOtherEndTakesAllOfIt(Vector vector) throws IOException {
        Map<Fate, Integer> fates = replay(vector, vector.receiver());
        boolean isFragmented = vector.name().matches(".*-(nopmtudisc|ignoredf)-big.*");
        assertThat(fates.keySet()).isSubsetOf(Fate.DELIVERED, Fate.HELD).contains(Fate.DELIVERED);
        assertThat(fates.containsKey(Fate.HELD)).isEqualTo(isFragmented);
        assertThat(fates.values().stream().mapToInt(n -> n).sum()).isEqualTo(vector.packets());
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void theEndThatSentItKnowsItForItsOwn(Vector vector) throws IOException {
        TunnelSpec receiver = vector.receiver();
        TunnelSpec sender =
                receiver.toBuilder().local(receiver.remote()).remote(receiver.local()).build();
        assertThat(replay(vector, sender).keySet())
                .isSubsetOf(Fate.OUTBOUND, Fate.HELD)
                .contains(Fate.OUTBOUND);
    }

    private static Map<Fate, Integer> replay(Vector vector, TunnelSpec spec) throws IOException {
        Replay replay = new Replay(spec, new Dissector(Map.of()));
        Map<Fate, Integer> fates = new EnumMap<>(Fate.class);
        try (InputStream in = Files.newInputStream(VECTORS.resolve(vector.name() + ".pcap"))) {
            CaptureReader reader = CaptureReader.open(in);
            for (CapturedPacket packet = reader.next(); packet != null; packet = reader.next()) {
                fates.merge(replay.take(packet, reader.linkType(packet)).fate(), 1, Integer::sum);
            }
        }
        return fates;
    }
}

package io.culvert.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The lines of a trace for what a Linux kernel sent, through the real pipeline: each packet comes
 * from the wire, and what was delivered of it goes back.
 *
 * <p>What should be is in {@code golden.txt}, a paragraph per case; times and the numbers that are
 * chosen at random are left out of it. What was seen is in {@code target/trace-golden.txt}, to be
 * read and put in its place when the lines change on purpose.
 */
class TraceGoldenTest {
    private static final Map<String, List<String>> GOLDEN = read();
    private static final Path SEEN = Path.of("target", "trace-golden.txt");
    private static final Map<String, List<String>> seen = new TreeMap<>();

    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource({
        "gre-in4, mode gre",
        "gre-in6, mode gre",
        "gre-key-in4, mode gre key 0x01020304",
        "gre-key-csum-seq-in4, mode gre key 7 csum seq",
        "gre-tos-inherit-in4, mode gre",
        "ipip-in4, mode ipip",
        "sit-in6, mode sit",
        "sit-any-in4, mode sit any",
        // what is not taken
        "gre-key-in4, mode gre key 9",
        "gre-key-in4, mode gre",
        "gre-in4, mode gre key 9",
        "gre-csum-in4, mode gre",
        "ipip-in4, mode gre"
    })
    void theLinesAreThoseOfTheGoldenFile(String vector, String words) throws IOException {
        List<String> lines = new ArrayList<>();
        try (TracedLane lane = lane(words)) {
            for (byte[] outer : KernelPackets.of(vector)) {
                lane.receive(outer).forEach(lane::send);
            }
            lines.addAll(lines(lane));
        }
        assertGolden(vector + " to " + words, lines);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mode gre", "mode gre key 7 nopmtudisc", "mode sit"})
    void packetsThatAreTooBigOrNotCarriedShowWhatBecameOfThem(String words) {
        List<String> lines = new ArrayList<>();
        try (TracedLane lane = lane(words)) {
            lane.send(ipv4(1500, true));
            lane.send(ipv4(2000, false));
            lane.send(new byte[30]);
            lines.addAll(lines(lane));
        }
        assertGolden("too big for " + words, lines);
    }

    @AfterAll
    static void writeWhatWasSeen() throws IOException {
        StringBuilder text = new StringBuilder();
        seen.forEach(
                (title, lines) ->
                        text.append(title)
                                .append('\n')
                                .append(String.join("\n", lines))
                                .append("\n\n"));
        Files.writeString(SEEN, text.toString().strip() + "\n");
    }

    private static TracedLane lane(String words) {
        return new TracedLane("tun0 local 192.0.2.1 remote 192.0.2.2 " + words);
    }

    private static List<String> lines(TracedLane lane) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        TraceLines lines =
                new TraceLines(out, new TraceLines.Style(false, false, false, ZoneOffset.UTC, 4));
        lane.traced().forEach(lines::show);
        out.flush();
        return text.toString()
                .lines()
                .map(line -> line.replaceFirst("^[0-9:.]+ ", ""))
                .map(line -> line.replaceFirst(", \\d+ [mu]s$", ""))
                .map(line -> line.replaceAll("frag 0x[0-9a-f]+", "frag ID"))
                .toList();
    }

    private static void assertGolden(String title, List<String> lines) {
        seen.put(title, lines);
        assertThat(lines).as(title).isEqualTo(GOLDEN.get(title));
    }

    /** A UDP packet whose checksum is left out. */
    private static byte[] ipv4(int lengthBytes, boolean dontFragment) {
        ByteBuffer packet = ByteBuffer.allocate(lengthBytes);
        packet.putShort((short) 0x4500).putShort((short) lengthBytes).putShort((short) 1);
        packet.putShort((short) (dontFragment ? 0x4000 : 0)).put((byte) 64).put((byte) 17);
        packet.putShort((short) 0).putInt(0x0a09_0001).putInt(0x0a09_0002);
        packet.putShort((short) 5000).putShort((short) 7).putShort((short) (lengthBytes - 20));
        int sum = 0;
        for (int i = 0; i < 20; i += 2) {
            sum += packet.getShort(i) & 0xffff;
        }
        return packet.putShort(10, (short) ~(sum + (sum >>> 16))).array();
    }

    private static Map<String, List<String>> read() {
        Map<String, List<String>> cases = new LinkedHashMap<>();
        try (InputStream in = TraceGoldenTest.class.getResourceAsStream("golden.txt")) {
            String text =
                    new String(
                            Objects.requireNonNull(in, "golden.txt").readAllBytes(),
                            StandardCharsets.UTF_8);
            for (String paragraph : text.split("\n\n")) {
                List<String> lines = paragraph.strip().lines().toList();
                cases.put(lines.get(0), lines.subList(1, lines.size()));
            }
            return cases;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}

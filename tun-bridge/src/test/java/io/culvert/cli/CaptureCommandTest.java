package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.capture.Wireshark;
import io.culvert.json.Json;
import io.culvert.observe.CaptureInterface;
import io.culvert.observe.CapturedPacket;
import io.culvert.observe.PcapngWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The first packets of every kind of tunnel that a Linux 6.1 kernel sent, in one file of the order
 * of their names, and what {@code culvert capture} says of them.
 */
final class CaptureCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir Path directory;
    private Path vectors;

    @BeforeEach
    void writeVectors() throws IOException {
        vectors = Files.write(directory.resolve("vectors.pcap"), resource("kernel-tunnels.pcap"));
    }

    @Test
    void everyKindOfTunnelOfTheKernelIsInTheTable() throws IOException {
        assertThat(capture("-r", vectors.toString())).isZero();

        assertThat(out).hasToString(golden("capture-table.golden"));
        assertThat(err).hasToString("");
    }

    @Test
    void aFileIsTakenByItsName() throws IOException {
        assertThat(capture(vectors.toString())).isZero();
        assertThat(out).hasToString(golden("capture-table.golden"));
        assertThat(err).hasToString("");

        assertThat(capture("customer.pcap")).isEqualTo(ExitStatus.NO_INPUT);
        assertThat(err).hasToString("culvert: cannot read customer.pcap: no such file\n");
    }

    @Test
    void everyTunnelledPacketIsALineWhenAsked() throws IOException {
        assertThat(capture("-v", "-r", vectors.toString())).isZero();

        List<String> lines = out.toString().lines().toList();
        assertThat(lines)
                .startsWith(
                        "08:58:11.369270 192.0.2.2 > 192.0.2.1 gre seq 4 erspan session 30 eth |"
                                + " fe80::8024:87ff:fe6d:42c3 > ff02::16 icmpv6 multicast listener"
                                + " report v2");
        assertThat(lines.subList(0, 231)).allMatch(line -> line.matches("\\d\\d:.* > .*"));
        assertThat(out.toString()).endsWith(golden("capture-table.golden"));
    }

    @Test
    void aProgramGetsTheSameNumbers() {
        assertThat(capture("--json", "-r", vectors.toString(), "ip", "and", "proto", "47"))
                .isZero();

        Map<?, ?> answer = (Map<?, ?>) Json.read(out.toString());
        List<?> tunnels = (List<?>) answer.get("tunnels");
        long packets =
                tunnels.stream()
                        .mapToLong(
                                tunnel ->
                                        ((Number) ((Map<?, ?>) tunnel).get("packets")).longValue())
                        .sum();
        long laterFragments = 4;
        assertThat(((Number) answer.get("packets")).longValue())
                .isEqualTo(packets + laterFragments);
        assertThat(tunnels)
                .extracting(tunnel -> (Object) ((Map<?, ?>) tunnel).get("kind"))
                .containsOnly("erspan", "gre", "gretap");
        assertThat(err).hasToString("");
    }

    @Test
    void whatIsWrittenAgainIsReadTheSameAndByOthersToo() throws IOException {
        Path copy = directory.resolve("copy.pcapng");
        assertThat(capture("-r", vectors.toString(), "-w", copy.toString())).isZero();
        String first = out.toString();
        out.getBuffer().setLength(0);

        assertThat(capture("-r", copy.toString())).isZero();

        assertThat(out).hasToString(first);
        assertThat(Wireshark.capinfos(copy)).anyMatch(line -> line.matches("File type: +pcapng"));
        String[] fields = {"frame.time_epoch", "frame.len", "frame.protocols"};
        assertThat(Wireshark.fields(copy, fields)).isEqualTo(Wireshark.fields(vectors, fields));
        assertThat(err).hasToString("");
    }

    @Test
    void itEndsAfterSoManyPackets() {
        assertThat(capture("-r", vectors.toString(), "-c", "5")).isZero();

        assertThat(out.toString())
                .endsWith("\n5 packets, 5 of them tunnelled, in 2 directions of tunnels\n");
    }

    @Test
    void tunnelsBeyondTheMostAreCountedAndSaid() {
        assertThat(capture("-r", vectors.toString(), "--tunnels", "3")).isZero();

        assertThat(out.toString().lines().filter(line -> line.contains(" > ")).count())
                .isLessThan(8);
        assertThat(out.toString())
                .containsPattern(
                        "\n\\d+ packets of further tunnels, which are not in the table: it ends at"
                                + " 3 \\(--tunnels\\)\n");
    }

    @Test
    void aFileCutShortIsReadToThereAndSaid() throws IOException {
        byte[] whole = Files.readAllBytes(vectors);
        Path half =
                Files.write(directory.resolve("half.pcap"), Arrays.copyOf(whole, whole.length / 2));

        assertThat(capture("-r", half.toString())).isEqualTo(1);

        assertThat(out.toString()).contains("erspan", "gre", " of them tunnelled, in ");
        assertThat(err.toString())
                .matches(
                        "culvert: .*half.pcap: it is cut short: of the packet at byte \\d+ there are"
                                + " \\d+ of \\d+ bytes; what stands before that was used\n");
    }

    @Test
    void aFullDiskIsSaidBelowTheTableOfWhatWasSeen() {
        assertThat(capture("-r", vectors.toString(), "-w", "/dev/full")).isEqualTo(1);

        assertThat(out.toString()).contains("erspan", " of them tunnelled, in ");
        assertThat(err).hasToString("culvert: cannot write /dev/full: No space left on device\n");
    }

    @Test
    void aDiskThatGetsFullBeforeTheFirstPacketIsSaidBelowTheTableToo() throws IOException {
        Path file = directory.resolve("interfaces.pcapng");
        try (PcapngWriter writer = new PcapngWriter(Files.newOutputStream(file), "test")) {
            for (int i = 0; i < 1000; i++) {
                writer.addInterface(CaptureInterface.of("eth" + i, CaptureInterface.RAW_IP));
            }
            // IPv4 with protocol 47, and a GRE header with nothing behind it
            String packet = "4500001800000000402f0000c0000201c0000202" + "00000800";
            ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(packet));
            writer.write(CapturedPacket.whole(999, 0, bytes));
        }

        assertThat(capture("-r", file.toString(), "-w", "/dev/full")).isEqualTo(1);

        assertThat(out.toString()).contains("192.0.2.1", "1 of them tunnelled, in ");
        assertThat(err).hasToString("culvert: cannot write /dev/full: No space left on device\n");
    }

    @Test
    void whatIsNoCaptureIsStatus66() throws IOException {
        Path text = Files.writeString(directory.resolve("text"), "hello, world\n");
        Path empty = Files.createFile(directory.resolve("empty"));

        assertThat(capture("-r", text.toString())).isEqualTo(66);
        assertThat(capture("-r", empty.toString())).isEqualTo(66);
        assertThat(capture("-r", directory.resolve("none").toString())).isEqualTo(66);

        assertThat(err.toString().lines())
                .containsExactly(
                        "culvert: cannot read "
                                + text
                                + ": it is not a capture (pcap or pcapng): it begins with 68 65 6c"
                                + " 6c",
                        "culvert: cannot read " + empty + ": it is empty",
                        "culvert: cannot read " + directory.resolve("none") + ": no such file");
        assertThat(out).hasToString("");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "~capture needs an interface or a file: culvert capture eth0, or culvert capture"
                        + " -r FILE (see culvert capture --help)",
                "lo --udp 70000~\"--udp\" takes ports from 1 to 65535, not \"70000\"",
                "lo --udp 1=ipx~\"--udp\" 1=ipx: a port carries gre, gue, ip or guess",
                "lo -c 0~\"--count\" takes 1 or more packets",
                "lo --second 3~unknown option \"--second\": did you mean \"--seconds\"?",
                "-r~\"--read\" needs a FILE after it",
            })
    void aWrongCommandLineIsOneLineAndStatus64(String words, String complaint) {
        String[] arguments = words == null ? new String[0] : words.split(" ");

        assertThat(capture(arguments)).isEqualTo(64);

        assertThat(err).hasToString("culvert: " + complaint + "\n");
        assertThat(out).hasToString("");
    }

    @Test
    void aWrongFilterIsInLibpcapsWords() {
        assertThat(capture("-r", vectors.toString(), "port", "eighty")).isEqualTo(64);

        assertThat(err.toString())
                .startsWith("culvert: cannot use the filter \"port eighty\": ")
                .contains("eighty", "pcap-filter(7)")
                .hasLineCount(1);
        assertThat(out).hasToString("");
    }

    private int capture(String... arguments) {
        List<String> words = new ArrayList<>(List.of("capture"));
        words.addAll(List.of(arguments));
        return Culvert.run(
                words,
                new PrintWriter(out),
                new PrintWriter(err),
                (configs, options) -> {
                    throw new AssertionError("no tunnel was to be opened");
                });
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = CaptureCommandTest.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        }
    }

    private static String golden(String name) throws IOException {
        return new String(resource(name), StandardCharsets.UTF_8);
    }
}

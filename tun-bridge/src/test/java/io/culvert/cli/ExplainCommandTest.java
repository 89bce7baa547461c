package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.json.Json;
import io.culvert.observe.CaptureInterface;
import io.culvert.observe.CapturedPacket;
import io.culvert.observe.PcapngWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExplainCommandTest {
    /** A ping in GRE with key 7; scapy 2.5 computed the checksums. */
    private static final String KEYED =
            "45000038 00010000 402ff692 c0000202 c0000201 20000800 00000007"
                    + " 4500001c 00020000 400166cb 0a090002 0a090001 0800f7fd 00010001";

    private static final Path VECTORS = Path.of("../core/src/test/resources/vectors");
    private static final Path GOLDEN =
            Path.of("src/test/resources/io/culvert/cli/explain-vectors.txt");

    private static final String FOR_VECTORS =
            "mode gre local 192.0.2.1 remote 192.0.2.2 key 7 csum";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void everyFieldIsNamedWithItsSectionAndEveryReceiverSaysItsPart() {
        assertThat(explain("--for", "mode gre remote 192.0.2.2 key 7", KEYED)).isZero();

        assertThat(out.toString())
                .contains(
                        "packet 1, 56 bytes: 192.0.2.2 > 192.0.2.1 gre key 7"
                                + " | 10.9.0.2 > 10.9.0.1 icmp echo request, id 1, seq 1, length 8\n",
                        "IPv4, bytes 0 to 19\n",
                        "GRE, bytes 20 to 27\n")
                .containsPattern("24\\.\\.27 +key +7 +RFC 2890 §2.1\n")
                .containsPattern("10\\.\\.11 +header-checksum +0xf692 \\(good\\) +RFC 791 §3.1\n")
                .containsPattern("a Linux kernel +takes it\n +if there is a gre device, up, with")
                .containsPattern("an RFC-strict receiver +takes it by RFC 2784\n")
                .containsPattern("the tunnel +takes it\n");
        assertThat(err.toString()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "mode gre remote 192.0.2.2 key 8~ key-mismatch",
                "mode gre remote 192.0.2.2~ key-unexpected",
                "mode gre remote 192.0.2.2 key 7 icsum~ checksum-missing",
                "mode gre remote 192.0.2.2 key 7 iseq~ sequence-missing",
                "mode gre remote 192.0.2.3 key 7~ no-tunnel",
                "mode gre remote 192.0.2.2 local 192.0.2.9 key 7~ no-tunnel",
                "mode ipip remote 192.0.2.2~ no-tunnel",
            })
    void aTunnelSaysWhyNot(String tunnel, String reason) {
        assertThat(explain("--brief", "--for", tunnel, KEYED)).isZero();

        assertThat(out.toString().lines().filter(line -> line.startsWith("  the tunnel")))
                .singleElement()
                .asString()
                .contains("drops it: ")
                .endsWith("[" + reason + "]");
    }

    @Test
    void aPacketOfTheTunnelsOwnIsToldFromOneForIt() {
        explain("--brief", "--for", "tun3 mode gre local 192.0.2.2 remote 192.0.2.1 key 7", KEYED);

        assertThat(out.toString())
                .containsPattern("  tun3 +drops it: .*so it is one that the tunnel sends \\[");
    }

    @Test
    void jsonHasALineForEachPacket() {
        assertThat(explain("--json", VECTORS.resolve("gre-seq-in4.pcap").toString())).isZero();

        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(12);
        Map<?, ?> first = (Map<?, ?>) Json.read(lines.get(0));
        assertThat((Object) first.get("packet")).hasToString("1");
        assertThat(((Map<?, ?>) first.get("verdicts")).keySet().toString())
                .isEqualTo("[a Linux kernel, an RFC-strict receiver]");
        assertThat((List<?>) first.get("layers")).hasSize(6);
    }

    @Test
    void onePacketOrTheFirstFewCanBeChosen() {
        String file = VECTORS.resolve("gre-seq-in4.pcap").toString();
        explain("--brief", "-c", "2", file);
        assertThat(headings())
                .extracting(h -> h.substring(0, 9))
                .containsExactly("packet 1,", "packet 2,");
        out.getBuffer().setLength(0);
        explain("--brief", "--packet", "5", file);
        assertThat(headings()).extracting(h -> h.substring(0, 9)).containsExactly("packet 5,");
        assertThat(explain("--packet", "99", file)).isEqualTo(64);
        assertThat(err.toString()).isEqualTo("culvert: there is no packet 99\n");
    }

    @Test
    void aTextFileIsReadAsADump(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("dump"), "  " + KEYED + "\n");
        assertThat(explain("--brief", file.toString())).isZero();
        assertThat(headings()).hasSize(1);
    }

    /** Its first four bytes are line ends to who does not know them. */
    @Test
    void aPcapngFileIsReadAsACapture(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("packet.pcapng");
        try (PcapngWriter writer = new PcapngWriter(Files.newOutputStream(file), "test")) {
            int raw = writer.addInterface(CaptureInterface.of("", CaptureInterface.RAW_IP));
            ByteBuffer packet = ByteBuffer.wrap(HexFormat.of().parseHex(KEYED.replace(" ", "")));
            writer.write(CapturedPacket.whole(raw, 0, packet));
        }

        assertThat(explain("--brief", file.toString())).isZero();

        assertThat(headings()).hasSize(1);
        assertThat(err.toString()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "nothing.pcap~ 66~ cannot read nothing.pcap: no such file",
                "45zz~ 64~ neither a file nor hexadecimal digits: \"zz\"",
                "450~ 64~ an odd number of hexadecimal digits, 3",
                "--link wifi 45~ 64~ unknown link \"wifi\": see culvert explain --help",
                "--udp x 45~ 64~ --udp \"x\" is not a port, PORT=gre, PORT=gue or PORT=ip",
                "--for mode 45~ 64~ \"mode\" needs gre, ipip, sit, gretap, ip6gre, ip6gretap or ip6tnl after it",
            })
    void whatIsWrongIsOneLine(String arguments, int status, String complaint) {
        assertThat(explain(arguments.split(" "))).isEqualTo(status);
        assertThat(err.toString()).isEqualTo("culvert: " + complaint + "\n");
        assertThat(out.toString()).isEmpty();
    }

    /** With {@code -Dculvert.golden=write} it is written anew, to be looked at. */
    @Test
    void theVerdictsOverTheVectorsAreAsTheyWereLookedAt() throws IOException {
        StringBuilder verdicts = new StringBuilder();
        try (Stream<Path> files = Files.list(VECTORS)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".pcap")).sorted().toList()) {
                out.getBuffer().setLength(0);
                verdicts.append("== ").append(file.getFileName()).append('\n');
                explain("--brief", "-c", "5", "--for", FOR_VECTORS, file.toString());
                verdicts.append(out);
            }
        }
        explainOdd(verdicts);
        if ("write".equals(System.getProperty("culvert.golden"))) {
            Files.createDirectories(GOLDEN.getParent());
            Files.writeString(GOLDEN, verdicts);
        }
        assertThat(verdicts.toString().lines())
                .containsExactlyElementsOf(Files.readAllLines(GOLDEN));
    }

    private void explainOdd(StringBuilder verdicts) {
        out.getBuffer().setLength(0);
        verdicts.append("== odd.pcap\n");
        explain(
                "--brief",
                "--for",
                "mode gre remote 192.0.2.2",
                VECTORS.resolve("../captures/odd.pcap").toString());
        verdicts.append(out);
    }

    private List<String> headings() {
        return out.toString().lines().filter(line -> line.startsWith("packet ")).toList();
    }

    private int explain(String... arguments) {
        List<String> words = Stream.concat(Stream.of("explain"), Stream.of(arguments)).toList();
        return Culvert.run(
                words,
                new PrintWriter(out),
                new PrintWriter(err, true),
                (configs, options) -> null);
    }
}

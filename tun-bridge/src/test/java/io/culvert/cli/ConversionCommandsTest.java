package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.capture.CaptureFile;
import io.culvert.capture.CaptureOutput;
import io.culvert.capture.Wireshark;
import io.culvert.json.Json;
import io.culvert.observe.CaptureInterface;
import io.culvert.observe.CapturedPacket;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code decap}, {@code encap} and {@code replay} on packets that a Linux 6.1 kernel sent. */
final class ConversionCommandsTest {
    private static final int ETHERNET_HEADER = 14;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir Path directory;
    private Path vectors;

    /** A packet from its IP header on, and its time. */
    private record Seen(long epochNanos, String hex) {}

    @BeforeEach
    void writeVectors() throws IOException {
        vectors = file("vectors.pcap");
        try (InputStream in = getClass().getResourceAsStream("kernel-tunnels.pcap")) {
            Files.write(vectors, Objects.requireNonNull(in).readAllBytes());
        }
    }

    @Test
    void whatIsInsideIsWhatTsharkSeesInside() throws IOException {
        Path inner = file("inner.pcapng");
        assertThat(culvert("decap", vectors, inner)).isZero();

        assertThat(out)
                .hasToString(
                        """
                             231 packets read
                             225 taken out of tunnels
                              25 directions of tunnels
                        """);
        assertThat(err.toString()).contains("--split keeps them apart").hasLineCount(1);
        assertThat(Wireshark.capinfos(inner)).anyMatch(line -> line.matches("File type: +pcapng"));
        List<String> inside =
                Wireshark.fields(inner, "frame.interface_name", "ip.dst", "ipv6.dst", "ip.proto");
        assertThat(inside)
                .hasSize(225)
                .anyMatch(line -> line.startsWith("192.0.2.2 > 192.0.2.1 gre key 7\t10.9.0.1\t\t1"))
                .allMatch(line -> line.contains(" > "))
                .noneMatch(line -> line.contains("\t192.0.2.1\t"));
    }

    /** EoIP, its keepalive, IPv6 under 0x0800, IPv4 under 0x86dd, IS-IS, version 5 under 0x0800. */
    private static final List<String> MIX =
            List.of(
                    "4500004e00010000402ff67cc0000202c00002012001640000326400020000000001020000000002"
                            + "08004500002400010000400166c40a0900020a090001080066680001000161626364656667"
                            + "68",
                    "4500001c00010000402ff6aec0000202c00002012001640000006400",
                    "4500005000010000402ff67ac0000202c0000201000008006000000000103a40fd00000900000000"
                            + "0000000000000002fd0000090000000000000000000000018000f406000100016162636465"
                            + "666768",
                    "4500003c00010000402ff68ec0000202c0000201000086dd4500002400010000400166c40a090002"
                            + "0a09000108006668000100016162636465666768",
                    "4500001c00010000402ff6aec0000202c0000201000000fe831b0100",
                    "4500001c00010000402ff6aec0000202c00002010000080055555555");

    private Path mix(String... hex) throws IOException {
        Path file = file("mix.pcap");
        try (CaptureOutput output = CaptureOutput.open(file.toString())) {
            int id = output.addInterface(CaptureInterface.of("", CaptureInterface.RAW_IP));
            for (String packet : hex) {
                byte[] bytes = HexFormat.of().parseHex(packet);
                output.write(CapturedPacket.whole(id, 1_234_567_890, ByteBuffer.wrap(bytes)));
            }
        }
        return file;
    }

    @Test
    void whatHasNoPacketInsideIsCountedByWhatItIs() throws IOException {
        assertThat(culvert("decap", mix(MIX.toArray(String[]::new)), file("inner.pcapng")))
                .isZero();

        assertThat(out)
                .hasToString(
                        """
                               6 packets read
                               3 taken out of tunnels
                               2 of them IPv6 where IPv4 was announced, or IPv4 where IPv6 was
                               2 directions of tunnels
                               1 keepalive, left out
                               1 malformed, without a packet inside, left out
                               1 of protocol type 0x00fe (IS-IS), without a packet inside, left out
                        """);
    }

    @Test
    void aNameThatEndsWithPcapGivesPcapWithNanoseconds() throws IOException {
        Path inner = file("inner.pcap");
        assertThat(culvert("decap", mix(MIX.get(2)), inner)).isZero();

        assertThat(out.toString()).contains("       1 packet read\n", "1 direction of tunnels\n");
        assertThat(err).hasToString("");
        assertThat(Wireshark.capinfos(inner)).anyMatch(line -> line.matches("File type: .*pcap"));
        assertThat(Wireshark.fields(inner, "frame.time_epoch", "ipv6.dst", "frame.len"))
                .containsExactly("1.234567890\tfd00:9::1\t56");
    }

    @Test
    void pcapRefusesASecondLinkTypeAndSaysWhatKeepsBoth() throws IOException {
        Path inner = file("inner.pcap");
        assertThat(culvert("decap", mix(MIX.get(0), MIX.get(2)), inner))
                .isEqualTo(ExitStatus.NO_INPUT);

        assertThat(err.toString())
                .contains("--split keeps them apart")
                .contains("cannot write " + inner)
                .contains("Ethernet and raw IP; a name that ends with .pcapng can keep both");
    }

    @Test
    void anOutputThatWasThereIsOverwrittenWithALine() throws IOException {
        Path inner = file("inner.pcapng");
        assertThat(culvert("decap", mix(MIX.get(2)), inner)).isZero();
        assertThat(err).hasToString("");
        assertThat(culvert("decap", mix(MIX.get(2)), inner)).isZero();

        assertThat(err).hasToString("culvert: " + inner + " was there and is overwritten\n");
    }

    @ParameterizedTest
    @CsvSource({
        "mode gre, 65535",
        "mode gre key 7 csum seq ttl 64 tos inherit, 65535",
        "mode gre nopmtudisc ignore-df, 1500",
        "mode gre nopmtudisc ignore-df csum key 1.2.3.4, 600",
        "mode sit any, 65535",
    })
    void encapThenDecapIsWhatItWas(String words, int underlayMtu) throws IOException {
        Path inner = file("inner.pcapng");
        Path outer = file("outer.pcapng");
        Path again = file("again.pcapng");
        culvert("decap", vectors, inner);
        String tunnel = words + " remote 192.0.2.1 local 192.0.2.2 --underlay-mtu " + underlayMtu;
        err.getBuffer().setLength(0);

        assertThat(culvert("encap", inner, outer, tunnel)).isZero();
        assertThat(culvert("decap", outer, again)).isZero();

        List<Seen> before = ipPackets(inner);
        assertThat(ipPackets(again)).isEqualTo(before).hasSizeGreaterThan(200);
        assertThat(out.toString()).doesNotContain("dropped", "missing", "cut short");
        assertThat(Wireshark.capinfos(outer)).anyMatch(line -> line.matches("Strict time.*"));
        assertThat(Wireshark.fields(outer, "_ws.malformed", "ip.checksum_bad.expert"))
                .allMatch(String::isBlank);
        assertThat(err).hasToString("");
    }

    @Test
    void whatATunnelWouldNotSendIsCountedByReason() throws IOException {
        Path inner = file("inner.pcapng");
        Path outer = file("outer.pcapng");
        culvert("decap", vectors, inner);
        out.getBuffer().setLength(0);

        assertThat(
                        culvert(
                                "encap",
                                inner,
                                outer,
                                "mode ipip remote 192.0.2.1 local 192.0.2.2 --underlay-mtu 1000"))
                .isZero();

        assertThat(out.toString())
                .containsPattern("\n +\\d+ encapsulated\n")
                .containsPattern("\n +\\d+ of them in fragments\n")
                .containsPattern("\n +\\d+ dropped payload-not-carried: ")
                .containsPattern("\n +\\d+ dropped too-big: ");
        long read = count("packets read");
        assertThat(count("encapsulated") + count("dropped")).isEqualTo(read);
        assertThat(Wireshark.fields(outer, "frame.len")).allMatch(l -> Integer.parseInt(l) <= 1000);
    }

    @Test
    void tcpdumpReadsIpThatCameOutOfSeveralTunnels() throws IOException {
        Path tunnels = file("tunnels.pcapng");
        Path inner = file("inner.pcapng");
        culvert("capture", "-r", vectors, "-w", tunnels, "ip proto 4 or ip proto 41");

        assertThat(culvert("decap", tunnels, inner)).isZero();

        assertThat(Wireshark.tcpdump(inner))
                .hasSameSizeAs(Wireshark.fields(inner, "frame.len"))
                .anyMatch(line -> line.contains(" IP "))
                .anyMatch(line -> line.contains(" IP6 "));
        assertThat(Wireshark.fields(inner, "frame.interface_name").stream().distinct())
                .hasSizeGreaterThan(1);
        assertThat(err).hasToString("");
    }

    @Test
    void eachTunnelGetsAFileOfItsOwnWhenAsked() throws IOException {
        Path tunnels = file("tunnels");
        assertThat(culvert("decap", vectors, "--split", tunnels)).isZero();

        try (Stream<Path> files = Files.list(tunnels)) {
            List<Path> sorted = files.sorted().toList();
            assertThat(sorted).hasSize(25);
            assertThat(sorted.get(0)).hasFileName("001-192.0.2.2-192.0.2.1-erspan-key-30.pcapng");
            long packets = 0;
            for (Path file : sorted) {
                packets += Wireshark.fields(file, "frame.len").size();
            }
            assertThat(packets).isEqualTo(225);
        }
        assertThat(err).hasToString("");
    }

    @Test
    void onlySoManyTunnelsAreTakenOff() throws IOException {
        Path once = file("once.pcapng");
        Path twice = file("twice.pcapng");
        Path inner = file("inner.pcapng");
        String tunnel = "mode gre nopmtudisc ignore-df remote 192.0.2.6 local 192.0.2.5";
        culvert("encap", vectors, twice, tunnel);

        assertThat(culvert("decap", "--depth", "1", twice, once)).isZero();
        assertThat(culvert("decap", twice, inner)).isZero();

        // inside of a tunnel, a later fragment of a tunnel's packet is a packet like any other
        List<Seen> outerIpv4 =
                ipPackets(vectors).stream()
                        .filter(seen -> seen.hex.startsWith("4") && !isLaterFragment(seen))
                        .toList();
        assertThat(ipPackets(once)).containsAll(outerIpv4);
        List<Seen> innermost = ipPackets(inner);
        assertThat(innermost.stream().filter(outerIpv4::contains)).isEmpty();
        assertThat(innermost).hasSizeGreaterThan(200);
    }

    private static boolean isLaterFragment(Seen ipv4) {
        return (Integer.parseInt(ipv4.hex.substring(12, 16), 16) & 0x1fff) != 0;
    }

    @Test
    void whatIsNotTunnelledIsLeftOutOrKept() throws IOException {
        Path inner = file("inner.pcapng");
        Path nothing = file("nothing.pcapng");
        Path kept = file("kept.pcapng");
        culvert("decap", vectors, "--split", file("d"));
        Path plain = file("d").resolve("007-192.0.2.2-192.0.2.1-gre.pcapng");
        assertThat(plain).exists();

        assertThat(culvert("decap", plain, nothing)).isZero();
        assertThat(culvert("decap", "--keep", plain, kept)).isZero();
        culvert("decap", kept, inner);

        assertThat(ipPackets(nothing)).isEmpty();
        assertThat(ipPackets(kept)).isEqualTo(ipPackets(plain)).isNotEmpty();
        assertThat(out.toString())
                .contains("not tunnelled, left out (--keep)", "not tunnelled, kept");
    }

    @Test
    void replaySaysOfEachPacketWhatTheTunnelMakesOfIt() {
        assertThat(culvert("replay", vectors, "mode gre remote 192.0.2.2 local 192.0.2.1 key 7"))
                .isZero();

        String text = out.toString();
        assertThat(text)
                .contains(
                        "08:55:36.480009 dropped checksum-unexpected: 192.0.2.2 > 192.0.2.1 gre key"
                                + " 7 csum | 10.9.0.2 > 10.9.0.1 icmp echo request",
                        "08:55:41.873614 delivered: 192.0.2.2 > 192.0.2.1 gre key 7 seq 0 |",
                        " dropped key-missing: ",
                        " dropped key-mismatch: ",
                        " no packet of the tunnel's outer IP version and of protocol 47, 4 or 41: 2001:db8::2 > ");
        assertThat(text.lines().filter(line -> line.matches("\\d\\d:.*"))).hasSize(231);
        assertThat(count("packets read")).isEqualTo(231);
        assertThat(count("delivered,")).isEqualTo(3);
        assertThat(err).hasToString("");
    }

    @Test
    void replayForAProgramIsAnObjectALine() {
        assertThat(culvert("replay", vectors, "--json", "mode ipip remote 192.0.2.2")).isZero();

        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(232);
        Map<?, ?> summary = (Map<?, ?>) ((Map<?, ?>) Json.read(lines.get(231))).get("summary");
        assertThat(summary.get("packets")).hasToString("231");
        assertThat(summary.get("delivered")).hasToString("14");
        assertThat(summary.get("incomplete")).hasToString("0");
        assertThat(lines.subList(0, 231))
                .allMatch(line -> ((Map<?, ?>) Json.read(line)).containsKey("fate"));
    }

    @Test
    void replayKnowsWhatThisEndSent() {
        assertThat(culvert("replay", vectors, "-q", "mode gre remote 192.0.2.1")).isZero();

        assertThat(count("delivered,")).isZero();
        assertThat(count("sent by this end")).isPositive();
        assertThat(out.toString()).doesNotContain("dropped", "08:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"decap IN IN", "encap IN IN mode gre remote 192.0.2.1 local 192.0.2.2"})
    void theInputIsNeverWrittenOver(String words) throws IOException {
        byte[] before = Files.readAllBytes(vectors);

        assertThat(run(words.replace("IN", vectors.toString()).split(" "))).isEqualTo(64);

        assertThat(Files.readAllBytes(vectors)).isEqualTo(before);
        assertThat(err.toString()).contains("would be gone before it is read").hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "decap a~64~decap needs two files, or one and a directory: culvert decap IN OUT, or"
                        + " culvert decap IN --split DIR (see culvert decap --help)",
                "decap a b --depth 0~64~\"--depth\" takes 1 or more tunnels",
                "decap /none/a /none/b~66~cannot read /none/a: no such file",
                "encap a b~64~encap needs two files and a tunnel: culvert encap IN OUT mode gre"
                        + " remote ADDR local ADDR (see culvert encap --help)",
                "encap a b mode gre remote 192.0.2.1~64~encap needs our outer address, since there"
                        + " is no route to ask: \"local ADDR\"",
                "encap a b mode gre remot 192.0.2.1~64~unknown word \"remot\": did you mean"
                        + " \"remote\"?",
                "replay a~64~replay needs a file and a tunnel: culvert replay FILE mode gre remote"
                        + " ADDR (see culvert replay --help)",
                "replay /none/a mode gre remote 192.0.2.1~66~cannot read /none/a: no such file",
            })
    void aWrongCommandLineIsOneLine(String words, int status, String complaint) {
        assertThat(run(words.split(" "))).isEqualTo(status);

        assertThat(err).hasToString("culvert: " + complaint + "\n");
        assertThat(out).hasToString("");
    }

    @Test
    void aFileCutShortIsConvertedToThereAndSaid() throws IOException {
        byte[] whole = Files.readAllBytes(vectors);
        Path half = Files.write(file("half.pcap"), Arrays.copyOf(whole, whole.length / 2));

        assertThat(culvert("decap", half, file("inner.pcapng"))).isEqualTo(1);
        assertThat(culvert("replay", "-q", half, "mode gre remote 192.0.2.2")).isEqualTo(1);

        assertThat(err.toString()).contains("is cut short").contains("what stands before that");
        assertThat(Wireshark.fields(file("inner.pcapng"), "frame.len")).hasSizeGreaterThan(20);
    }

    private long count(String words) {
        return out.toString()
                .lines()
                .filter(line -> line.contains(words) && line.startsWith("  "))
                .mapToLong(line -> Long.parseLong(line.strip().split(" ")[0]))
                .sum();
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private int culvert(Object... words) {
        return run(
                Stream.of(words)
                        .flatMap(
                                word ->
                                        word instanceof Path path
                                                ? Stream.of(path.toString())
                                                : Stream.of(word.toString().split(" ")))
                        .toArray(String[]::new));
    }

    private int run(String... words) {
        return Culvert.run(
                List.of(words),
                new PrintWriter(out),
                new PrintWriter(err),
                (configs, options) -> {
                    throw new AssertionError("no tunnel was to be opened");
                });
    }

    /** Every IP packet in a file, without its Ethernet header and padding. */
    private static List<Seen> ipPackets(Path file) throws IOException {
        List<Seen> packets = new ArrayList<>();
        try (CaptureFile capture = CaptureFile.open(file.toString())) {
            for (CapturedPacket p = capture.next(); p != null; p = capture.next()) {
                byte[] bytes = new byte[p.capturedBytes()];
                p.bytes().get(bytes);
                boolean isEthernet = capture.linkType(p) == CaptureInterface.ETHERNET;
                int start = isEthernet ? ETHERNET_HEADER : 0;
                int version = bytes.length > start ? bytes[start] >> 4 & 0xf : 0;
                if (isEthernet && bytes[12] != 0x08 && (bytes[12] & 0xff) != 0x86) {
                    continue;
                }
                if (isEthernet && bytes[12] == 0x08 && bytes[13] == 0x06) {
                    continue; // ARP
                }
                int at = start + (version == 4 ? 2 : 4);
                int length = (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
                int whole = start + length + (version == 4 ? 0 : 40);
                int end = Math.min(whole, bytes.length); // inside of a first fragment
                packets.add(new Seen(p.epochNanos(), HexFormat.of().formatHex(bytes, start, end)));
            }
        }
        return packets;
    }
}

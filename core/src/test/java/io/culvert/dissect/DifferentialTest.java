package io.culvert.dissect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.observe.CaptureInterface;
import io.culvert.observe.CapturedPacket;
import io.culvert.observe.PcapngWriter;
import io.culvert.spec.TunnelSpec;
import io.culvert.testing.Captures;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.PcapFile;
import io.culvert.testing.RandomTunnels;
import io.culvert.testing.Seeds;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.TcpSegment;
import io.culvert.testing.UdpDatagram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our reading of every captured packet beside tshark's, field by field, layer by layer. */
class DifferentialTest {
    private static final Dissector DISSECTOR = new Dissector(Map.of(5555, UdpPayload.GUESS));
    private static final int SECONDS = 60;

    /** A field of ours and its name in tshark; the text is brought to tshark's. */
    private record Pair(String theirs, Protocol where, String name, Function<Field, String> text) {}

    private static final List<Pair> PAIRS =
            List.of(
                    pair("eth.src", Protocol.ETHERNET, "source", Field::value),
                    pair("eth.dst", Protocol.ETHERNET, "destination", Field::value),
                    pair("ip.hdr_len", Protocol.IPV4, "header-length", times(4)),
                    pair("ip.dsfield.dscp", Protocol.IPV4, "dscp", Field::value),
                    pair("ip.dsfield.ecn", Protocol.IPV4, "ecn", Field::value),
                    pair("ip.len", Protocol.IPV4, "total-length", Field::value),
                    pair("ip.id", Protocol.IPV4, "identification", Field::value),
                    pair("ip.flags.df", Protocol.IPV4, "dont-fragment", DifferentialTest::bit),
                    pair("ip.flags.mf", Protocol.IPV4, "more-fragments", DifferentialTest::bit),
                    pair("ip.frag_offset", Protocol.IPV4, "fragment-offset", Field::value),
                    pair("ip.ttl", Protocol.IPV4, "ttl", Field::value),
                    pair("ip.proto", Protocol.IPV4, "protocol", Field::value),
                    pair("ip.checksum", Protocol.IPV4, "header-checksum", Field::value),
                    pair("ip.checksum.status", Protocol.IPV4, "header-checksum", verdict()),
                    pair("ip.src", Protocol.IPV4, "source", Field::value),
                    pair("ip.dst", Protocol.IPV4, "destination", Field::value),
                    pair("ipv6.tclass.dscp", Protocol.IPV6, "dscp", Field::value),
                    pair("ipv6.tclass.ecn", Protocol.IPV6, "ecn", Field::value),
                    pair("ipv6.flow", Protocol.IPV6, "flow-label", f -> Words.hex(f.number(), 24)),
                    pair("ipv6.plen", Protocol.IPV6, "payload-length", Field::value),
                    pair("ipv6.nxt", Protocol.IPV6, "next-header", Field::value),
                    pair("ipv6.hlim", Protocol.IPV6, "hop-limit", Field::value),
                    pair("ipv6.src", Protocol.IPV6, "source", Field::value),
                    pair(
                            "ipv6.fraghdr.offset",
                            Protocol.IPV6_FRAGMENT,
                            "fragment-offset",
                            Field::value),
                    pair(
                            "ipv6.fraghdr.ident",
                            Protocol.IPV6_FRAGMENT,
                            "identification",
                            Field::value),
                    pair(
                            "ipv6.opt.tel",
                            Protocol.IPV6_DESTINATION_OPTIONS,
                            "tunnel-encapsulation-limit",
                            Field::value),
                    pair(
                            "gre.flags.checksum",
                            Protocol.GRE,
                            "checksum-present",
                            DifferentialTest::bit),
                    pair(
                            "gre.flags.routing",
                            Protocol.GRE,
                            "routing-present",
                            DifferentialTest::bit),
                    pair("gre.flags.key", Protocol.GRE, "key-present", DifferentialTest::bit),
                    pair(
                            "gre.flags.sequence_number",
                            Protocol.GRE,
                            "sequence-present",
                            DifferentialTest::bit),
                    pair(
                            "gre.flags.recursion_control",
                            Protocol.GRE,
                            "recursion-control",
                            Field::value),
                    pair("gre.proto", Protocol.GRE, "protocol-type", Field::value),
                    pair("gre.checksum", Protocol.GRE, "checksum", Field::value),
                    pair("gre.key", Protocol.GRE, "key", field -> Words.hex(field.number(), 32)),
                    pair("gre.sequence_number", Protocol.GRE, "sequence-number", Field::value),
                    pair("erspan.spanid", Protocol.ERSPAN, "session-id", Field::value),
                    pair("erspan.vlan", Protocol.ERSPAN, "vlan", Field::value),
                    pair("mpls.label", Protocol.MPLS, "label", Field::value),
                    pair("udp.srcport", Protocol.UDP, "source-port", Field::value),
                    pair("udp.dstport", Protocol.UDP, "destination-port", Field::value),
                    pair("udp.length", Protocol.UDP, "length", Field::value),
                    pair("udp.checksum", Protocol.UDP, "checksum", Field::value),
                    pair("tcp.seq_raw", Protocol.TCP, "sequence-number", Field::value),
                    pair("tcp.checksum.status", Protocol.TCP, "checksum", verdict()),
                    pair("tcp.options.mss_val", Protocol.TCP, "mss", Field::value),
                    pair("tcp.options.timestamp.tsval", Protocol.TCP, "timestamp", Field::value),
                    pair("icmp.type", Protocol.ICMP, "type", Field::value),
                    pair("icmp.code", Protocol.ICMP, "code", Field::value),
                    pair("icmp.checksum", Protocol.ICMP, "checksum", Field::value),
                    pair("icmpv6.type", Protocol.ICMPV6, "type", Field::value),
                    pair("icmpv6.code", Protocol.ICMPV6, "code", Field::value),
                    pair("icmpv6.checksum", Protocol.ICMPV6, "checksum", Field::value),
                    pair("icmpv6.mtu", Protocol.ICMPV6, "mtu", Field::value));

    static Stream<String> captures() {
        return Captures.paths().stream();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void tsharkReadsTheSame(String path, @TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("packets.pcap"), Captures.bytes(path));
        PcapFile capture = Captures.read(path);
        assertSameReading(file, LinkType.of(capture.linkType()).orElseThrow(), capture.records());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void tsharkReadsTheSameOfWhatOurTunnelsSend(long seed, @TempDir Path directory)
            throws Exception {
        List<byte[]> sent = sentByRandomTunnels(new RandomTunnels(seed));
        Path file = directory.resolve("sent.pcapng");
        try (PcapngWriter writer = new PcapngWriter(Files.newOutputStream(file), "test")) {
            writer.addInterface(CaptureInterface.of("outer", CaptureInterface.RAW_IP));
            for (byte[] packet : sent) {
                writer.write(CapturedPacket.whole(0, 0, ByteBuffer.wrap(packet)));
            }
        }
        assertSameReading(file, LinkType.RAW_IP, sent);
    }

    /** Datagrams and segments of both IP versions, through tunnels with any options. */
    private static List<byte[]> sentByRandomTunnels(RandomTunnels tunnels) {
        Random random = tunnels.random();
        List<byte[]> sent = new ArrayList<>();
        while (sent.size() < 300) {
            TunnelSpec spec = tunnels.spec();
            SendingEnd tunnel = new SendingEnd(spec, 1500);
            boolean isIpv4 = spec.payload().carries(4);
            for (int i = 0; i < 5; i++) {
                byte[] payload = new byte[random.nextInt(1200)];
                random.nextBytes(payload);
                int port = 49_152 + random.nextInt(1000);
                Ipv4Packet ip4 = new Ipv4Packet().tos(random.nextInt(256)).ttl(1 + i);
                Ipv6Packet ip6 = new Ipv6Packet().trafficClass(random.nextInt(256));
                TcpSegment tcp =
                        new TcpSegment()
                                .sourcePort(port)
                                .sequence(random.nextInt())
                                .payload(payload);
                UdpDatagram udp = new UdpDatagram().sourcePort(port).payload(payload);
                byte[] inner =
                        random.nextBoolean()
                                ? isIpv4 ? tcp.over(ip4) : tcp.over(ip6)
                                : isIpv4 ? udp.over(ip4) : udp.over(ip6);
                sent.addAll(tunnel.send(inner).outer());
            }
        }
        return sent;
    }

    private static void assertSameReading(Path file, LinkType link, List<byte[]> packets)
            throws Exception {
        List<String[]> theirs = tshark(file);
        assertThat(theirs).hasSameSizeAs(packets);
        int compared = 0;
        for (int i = 0; i < theirs.size(); i++) {
            Dissection ours = DISSECTOR.dissect(link, packets.get(i));
            if (ours.first(Protocol.GRE).filter(g -> g.number("version", 0) > 1).isPresent()) {
                continue; // tshark reads on behind a version that does not exist
            }
            for (int column = 0; column < PAIRS.size(); column++) {
                Pair pair = PAIRS.get(column);
                List<String> their = values(theirs.get(i), column);
                List<String> our = values(ours, pair);
                // tshark is not told which UDP ports are tunnels' and stops there
                boolean goesDeeper = ours.has(Protocol.UDP) && our.size() > their.size();
                assertThat(goesDeeper ? our.subList(0, their.size()) : our)
                        .as("packet %d: %s in %s", i + 1, pair.theirs, OneLine.of(ours))
                        .isEqualTo(their);
                compared += their.size();
            }
        }
        assertThat(compared).isGreaterThan(packets.size() * 10);
    }

    private static Pair pair(
            String theirs, Protocol where, String name, Function<Field, String> text) {
        return new Pair(theirs, where, name, text);
    }

    private static Function<Field, String> times(int factor) {
        return field -> Long.toString(field.number() * factor);
    }

    private static String bit(Field field) {
        return Long.toString(field.number());
    }

    /** 1 is good and 0 is bad. */
    private static Function<Field, String> verdict() {
        return field -> field.meaning().equals(ChecksumState.GOOD.description()) ? "1" : "0";
    }

    private static List<String> values(Dissection packet, Pair pair) {
        List<String> values = new ArrayList<>();
        for (Layer layer : packet.layers()) {
            if (is(layer, pair.where)) {
                layer.field(pair.name).map(pair.text).ifPresent(values::add);
            }
        }
        return values;
    }

    /** To tshark, GRE version 1 is GRE, and a header that is cut short has no fields at all. */
    private static boolean is(Layer layer, Protocol protocol) {
        return protocol == Protocol.GRE
                ? layer.lengthBytes() >= 4
                        && (layer.protocol() == Protocol.GRE || layer.protocol() == Protocol.PPTP)
                : layer.protocol() == protocol;
    }

    private static List<String> values(String[] line, int column) {
        return column >= line.length || line[column].isEmpty()
                ? List.of()
                : Arrays.asList(line[column].split(","));
    }

    private static List<String[]> tshark(Path file) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString()));
        for (String protocol : List.of("ip", "tcp", "udp")) {
            command.addAll(List.of("-o", protocol + ".check_checksum:TRUE"));
        }
        command.addAll(List.of("-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"));
        command.addAll(List.of("-T", "fields", "-E", "occurrence=a", "-E", "separator=;"));
        PAIRS.forEach(pair -> command.addAll(List.of("-e", pair.theirs)));
        Path lines = file.resolveSibling("fields.txt");
        Process tshark = start(command, lines);
        assertThat(tshark.waitFor(SECONDS, TimeUnit.SECONDS)).as("tshark ended").isTrue();
        assertThat(tshark.exitValue()).as("exit status of %s", command).isZero();
        return Files.readAllLines(lines, StandardCharsets.UTF_8).stream()
                .map(line -> line.split(";", -1))
                .toList();
    }

    private static Process start(List<String> command, Path output) {
        try {
            return new ProcessBuilder(command)
                    .redirectOutput(output.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            assertThat(System.getenv("CI"))
                    .as("with CI=true tshark must be there")
                    .isNotEqualTo("true");
            assumeTrue(false, "needs tshark; as root: apt-get install tshark");
            throw new IllegalStateException(e);
        }
    }
}

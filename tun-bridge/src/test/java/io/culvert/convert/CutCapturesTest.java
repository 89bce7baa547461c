package io.culvert.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.capture.CaptureFile;
import io.culvert.capture.CaptureOutput;
import io.culvert.control.TunnelWords;
import io.culvert.convert.Replay.Fate;
import io.culvert.dissect.Dissection;
import io.culvert.dissect.Dissector;
import io.culvert.dissect.LinkType;
import io.culvert.dissect.OneLine;
import io.culvert.dissect.UdpPayload;
import io.culvert.observe.CapturedPacket;
import io.culvert.spec.TunnelSpec;
import io.culvert.survey.TunnelHeader;
import io.culvert.verdict.LinuxKernel;
import io.culvert.verdict.StrictReceiver;
import io.culvert.verdict.Verdict;
import io.culvert.verdict.Verdict.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is said of a packet that a capture has cut short, at any byte: the lengths are those on the
 * wire, or are not said at all. The packets are those of Linux kernels' tunnels.
 */
final class CutCapturesTest {
    private static final Path RESOURCES = Path.of("../core/src/test/resources");

    /** No header of these packets ends behind it, so behind it a few cuts do for all. */
    private static final int ALL_HEADERS_BYTES = 180;

    private static final int STRIDE_BYTES = 101;
    private static final Pattern LENGTH = Pattern.compile("length (\\d+)");

    private static final Dissector DISSECTOR =
            new Dissector(Map.of(5555, UdpPayload.GUESS, 7777, UdpPayload.GUESS));

    @TempDir Path directory;

    /** A whole packet, and what begins it. */
    private record Whole(CapturedPacket packet, int linkType) {
        CapturedPacket cut(int capturedBytes) {
            ByteBuffer bytes = packet.bytes().slice(0, capturedBytes);
            return new CapturedPacket(
                    0,
                    packet.epochNanos(),
                    bytes,
                    packet.originalBytes(),
                    packet.direction(),
                    List.of());
        }

        Dissection dissect(CapturedPacket cut) {
            LinkType link = LinkType.of(linkType).orElseThrow();
            return DISSECTOR.dissect(
                    link, cut.bytes(), 0, cut.capturedBytes(), cut.originalBytes());
        }

        Set<Integer> cuts() {
            Set<Integer> cuts = new TreeSet<>();
            for (int cut = 0; cut < packet.capturedBytes(); ) {
                cuts.add(cut);
                cut += cut < ALL_HEADERS_BYTES ? 1 : STRIDE_BYTES;
            }
            cuts.add(packet.capturedBytes() - 1);
            return cuts;
        }
    }

    static Stream<Path> captures() throws IOException {
        List<Path> captures = new ArrayList<>();
        for (String directory : List.of("vectors", "captures")) {
            try (DirectoryStream<Path> files =
                    Files.newDirectoryStream(RESOURCES.resolve(directory), "*.pcap")) {
                files.forEach(captures::add);
            }
        }
        // its packets are broken on purpose: their lengths contradict one another
        captures.removeIf(file -> file.endsWith("odd.pcap"));
        assertThat(captures).hasSizeGreaterThan(60);
        return captures.stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void theSurveyKnowsEachLengthFromTheHeaderOnThatAnnouncesThePacket(Path capture)
            throws IOException {
        for (Whole whole : read(capture)) {
            List<TunnelHeader> all = TunnelHeader.of(whole.dissect(whole.packet));
            for (int cut : whole.cuts()) {
                List<TunnelHeader> seen = TunnelHeader.of(whole.dissect(whole.cut(cut)));
                assertThat(seen.size()).as("cut at %d", cut).isLessThanOrEqualTo(all.size());
                for (int i = 0; i < all.size(); i++) {
                    TunnelHeader expected = all.get(i);
                    boolean mustBeSeen =
                            expected.payload() != null
                                    && cut >= expected.payload().offset()
                                    && expected.udp() == null; // that is told by what follows
                    if (mustBeSeen) {
                        assertThat(seen).as("cut at %d", cut).hasSizeGreaterThan(i);
                    }
                    if (i < seen.size()) {
                        assertSameLengths(seen.get(i), expected, mustBeSeen, cut);
                    }
                }
            }
        }
    }

    private static void assertSameLengths(
            TunnelHeader seen, TunnelHeader whole, boolean isInnerKnown, int cut) {
        assertThat(seen.kind()).as("kind, cut at %d", cut).isEqualTo(whole.kind());
        assertThat(seen.outerBytes()).as("outer, cut at %d", cut).isEqualTo(whole.outerBytes());
        boolean mayBeUnknown = !isInnerKnown || whole.outer().isSet("more-fragments");
        if (!mayBeUnknown || seen.innerBytes() != 0) {
            assertThat(seen.innerBytes()).as("inner, cut at %d", cut).isEqualTo(whole.innerBytes());
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void theLengthsOfALineAreThoseOfTheWholePacketsLine(Path capture) throws IOException {
        for (Whole whole : read(capture)) {
            String[] expected = lengths(OneLine.of(whole.dissect(whole.packet)));
            for (int cut : whole.cuts()) {
                String line = OneLine.of(whole.dissect(whole.cut(cut)));
                assertThat(line).as("cut at %d", cut).doesNotContain("(!");
                String[] said = lengths(line);
                assertThat(Arrays.copyOf(expected, said.length))
                        .as("cut at %d", cut)
                        .isEqualTo(said);
            }
        }
    }

    private static String[] lengths(String line) {
        return LENGTH.matcher(line).results().map(r -> r.group(1)).toArray(String[]::new);
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aReceiversVerdictIsThatOverTheWholePacketOrThatItCannotBeTold(Path capture)
            throws IOException {
        for (Whole whole : read(capture)) {
            Verdict linux = LinuxKernel.judge(whole.dissect(whole.packet));
            Verdict strict = StrictReceiver.judge(whole.dissect(whole.packet));
            for (int cut : whole.cuts()) {
                Dissection seen = whole.dissect(whole.cut(cut));
                assertThat(LinuxKernel.judge(seen).answer())
                        .as("cut at %d", cut)
                        .isIn(Answer.CANNOT_TELL, linux.answer());
                assertThat(StrictReceiver.judge(seen).answer())
                        .as("cut at %d", cut)
                        .isIn(Answer.CANNOT_TELL, strict.answer());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void decapWritesInnerPacketsWithTheirLengthOnTheWire(Path capture) throws IOException {
        for (Whole whole : read(capture)) {
            Dissection layers = whole.dissect(whole.packet);
            TunnelHeader header =
                    TunnelHeader.of(layers).stream()
                            .filter(h -> h.payload() != null)
                            .reduce((first, second) -> second)
                            .orElse(null);
            boolean isTold = header != null && header.udp() == null;
            if (!isTold || header.outer().isSet("more-fragments")) {
                continue;
            }
            int inner = header.payload().offset();
            int wireBytes = header.payload().wireBytes();
            Path result = directory.resolve("inner.pcapng");
            List<Integer> cuts = whole.cuts().stream().filter(cut -> cut > inner).toList();
            long left;
            try (InnerFiles files = InnerFiles.single(result.toString())) {
                Decapsulation stripping = new Decapsulation(DISSECTOR, 9, false, files);
                for (int cut : whole.cuts()) {
                    stripping.take(whole.cut(cut), whole.linkType);
                }
                assertThat(stripping.frames() - stripping.stripped())
                        .isEqualTo(stripping.cutShort());
                assertThat(stripping.notTunnelled()).isZero();
                assertThat(stripping.notIp()).isZero();
                assertThat(stripping.withoutPacket()).isEmpty();
                left = stripping.stripped();
            }
            assertThat(left).isEqualTo(cuts.size());
            List<Whole> written = read(result);
            assertThat(written).hasSameSizeAs(cuts);
            for (int i = 0; i < cuts.size(); i++) {
                CapturedPacket packet = written.get(i).packet;
                assertThat(packet.originalBytes())
                        .as("cut at %d", cuts.get(i))
                        .isEqualTo(wireBytes);
                assertThat(packet.capturedBytes())
                        .isEqualTo(Math.min(wireBytes, cuts.get(i) - inner));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void encapAndReplayTakeNoPacketThatIsNotAllThere(Path capture) throws IOException {
        TunnelSpec spec =
                TunnelWords.parse(
                                List.of("mode", "gre", "remote", "192.0.2.2", "local", "192.0.2.1"),
                                "t")
                        .spec();
        for (Whole whole : read(capture)) {
            var ip =
                    whole.dissect(whole.packet).own().stream()
                            .filter(layer -> layer.protocol().isIp())
                            .findFirst();
            if (ip.isEmpty()) {
                continue;
            }
            int end = ip.get().offset() + ip.get().wireBytes();
            try (CaptureOutput nowhere = CaptureOutput.open(null)) {
                Encapsulation sending = new Encapsulation(spec, 65_535, nowhere);
                Replay replay = new Replay(spec, DISSECTOR);
                long cutShort = 0;
                for (int cut : whole.cuts()) {
                    sending.take(whole.cut(cut), whole.linkType);
                    cutShort += cut < end ? 1 : 0;
                    assertThat(sending.cutShort()).as("cut at %d", cut).isEqualTo(cutShort);
                    assertThat(sending.notIp()).isZero();
                    Fate fate = replay.take(whole.cut(cut), whole.linkType).fate();
                    boolean isIpv4 = ip.get().protocol().label().equals("ipv4");
                    if (cut < end && isIpv4) {
                        assertThat(fate)
                                .as("cut at %d", cut)
                                .isIn(Fate.CUT_SHORT, otherwise(ip.get(), cut));
                    } else if (cut < end) {
                        assertThat(fate).isIn(Fate.CUT_SHORT, Fate.OTHER);
                    }
                }
            }
        }
    }

    /** That a packet of another protocol is none of the tunnel's can be told from its header. */
    private static Fate otherwise(io.culvert.dissect.Layer ip, int cut) {
        boolean isUdp = ip.number("protocol", 0) == 17;
        return isUdp && cut >= ip.end() ? Fate.OTHER : Fate.CUT_SHORT;
    }

    private static List<Whole> read(Path file) throws IOException {
        List<Whole> packets = new ArrayList<>();
        try (CaptureFile capture = CaptureFile.open(file.toString())) {
            CapturedPacket packet = capture.next();
            while (packet != null) {
                ByteBuffer copy = ByteBuffer.allocate(packet.capturedBytes());
                copy.put(0, packet.bytes(), packet.bytes().position(), packet.capturedBytes());
                CapturedPacket kept =
                        new CapturedPacket(
                                packet.interfaceId(),
                                packet.epochNanos(),
                                copy,
                                packet.originalBytes(),
                                packet.direction(),
                                packet.comments());
                packets.add(new Whole(kept, capture.linkType(packet)));
                packet = capture.next();
            }
        }
        return packets;
    }
}

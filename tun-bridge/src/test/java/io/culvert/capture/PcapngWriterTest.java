package io.culvert.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.observe.CaptureInterface;
import io.culvert.observe.CapturedPacket;
import io.culvert.observe.CapturedPacket.Direction;
import io.culvert.observe.PcapngWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Wireshark's own programs read in our files. */
final class PcapngWriterTest {
    private static final long TIME = 1_700_000_000_123_456_789L;

    /** An ICMP echo request of scapy: IP(src="192.0.2.1",dst="192.0.2.2")/ICMP()/b"abc". */
    private static final byte[] PING =
            HexFormat.of()
                    .parseHex(
                            "4500001f00010000 4001f6d9 c0000201c0000202 0800339d 00000000 616263"
                                    .replace(" ", ""));

    @TempDir Path directory;

    @Test
    void interfacesNanosecondsCommentsAndDirectionsAreRead() throws IOException {
        Path file = directory.resolve("two.pcapng");
        try (PcapngWriter writer = writer(file)) {
            int inner = writer.addInterface(CaptureInterface.of("tun0", CaptureInterface.RAW_IP));
            int outer =
                    writer.addInterface(
                            new CaptureInterface(
                                    "eth0", "the underlay", CaptureInterface.RAW_IP, 0));
            writer.write(
                    CapturedPacket.whole(inner, TIME, ByteBuffer.wrap(PING))
                            .withDirection(Direction.OUTBOUND));
            writer.write(
                    CapturedPacket.whole(outer, TIME + 1, ByteBuffer.wrap(PING))
                            .withComments(List.of("dropped: no-tunnel", "\u00fcber 0\u21941"))
                            .withDirection(Direction.INBOUND));
            writer.writeStatistics(outer, TIME + 2, 12, 3);
        }

        assertThat(
                        Wireshark.fields(
                                file,
                                "frame.interface_name",
                                "frame.time_epoch",
                                "frame.comment",
                                "frame.packet_flags_direction",
                                "ip.src",
                                "frame.len"))
                .containsExactly(
                        "tun0\t1700000000.123456789\t\t0x00000002\t192.0.2.1\t31",
                        "eth0\t1700000000.123456790\tdropped: no-tunnel|\u00fcber 0\u21941"
                                + "\t0x00000001\t192.0.2.1\t31");
        assertThat(Wireshark.capinfos(file))
                .anyMatch(line -> line.matches("File type: +pcapng"))
                .anyMatch(line -> line.matches("Number of packets: +2"))
                .anyMatch(line -> line.matches("Number of interfaces in file: +2"))
                .anyMatch(line -> line.matches("Capture application: +culvert test"))
                .anyMatch(line -> line.matches(" +Name = eth0"))
                .anyMatch(line -> line.matches(" +Description = the underlay"))
                .anyMatch(line -> line.matches(" +Time precision = nanoseconds \\(9\\)"))
                .anyMatch(line -> line.matches("Strict time order: +True"));
    }

    @Test
    void aPacketIsCutAtTheSnapLengthAndKeepsItsLength() throws IOException {
        Path file = directory.resolve("snapped.pcapng");
        try (PcapngWriter writer = writer(file)) {
            writer.addInterface(new CaptureInterface("eth0", "", CaptureInterface.RAW_IP, 22));
            writer.write(CapturedPacket.whole(0, TIME, ByteBuffer.wrap(PING)));
        }

        assertThat(Wireshark.fields(file, "frame.len", "frame.cap_len")).containsExactly("31\t22");
    }

    @Test
    void packetsOfEveryLengthAndLongCommentsAreRead() throws IOException {
        Path file = directory.resolve("lengths.pcapng");
        String tooLong = "\u00e4".repeat(40_000);
        try (PcapngWriter writer = writer(file)) {
            writer.addInterface(CaptureInterface.of("", CaptureInterface.ETHERNET));
            for (int length = 14; length < 80; length++) {
                writer.write(CapturedPacket.whole(0, TIME + length, ByteBuffer.allocate(length)));
            }
            writer.write(
                    CapturedPacket.whole(0, TIME + 80, ByteBuffer.allocate(65_550))
                            .withComments(List.of(tooLong)));
        }

        List<String> lines = Wireshark.fields(file, "frame.len", "frame.comment");
        assertThat(lines).hasSize(67).startsWith("14\t", "15\t");
        assertThat(lines.get(66)).isEqualTo("65550\t" + tooLong.substring(0, 32_767));
    }

    @Test
    void theBuffersPositionStays() throws IOException {
        var out = new ByteArrayOutputStream();
        PcapngWriter writer = new PcapngWriter(out, "");
        writer.addInterface(CaptureInterface.of("tun0", CaptureInterface.RAW_IP));
        ByteBuffer direct = ByteBuffer.allocateDirect(100).put(30, PING).position(30).limit(61);

        writer.write(CapturedPacket.whole(0, TIME, direct));

        assertThat(direct.position()).isEqualTo(30);
        assertThat(HexFormat.of().formatHex(out.toByteArray()))
                .contains(HexFormat.of().formatHex(PING));
    }

    @Test
    void anInterfaceThatWasNotAddedIsRefused() throws IOException {
        var out = new ByteArrayOutputStream();
        PcapngWriter writer = new PcapngWriter(out, "");
        int headerBytes = out.size();

        assertThatThrownBy(() -> writer.write(CapturedPacket.whole(0, 0, ByteBuffer.wrap(PING))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("interface 0 was not added; there are 0");
        assertThat(out.size()).isEqualTo(headerBytes);
    }

    private static PcapngWriter writer(Path file) throws IOException {
        return new PcapngWriter(Files.newOutputStream(file), "culvert test");
    }
}

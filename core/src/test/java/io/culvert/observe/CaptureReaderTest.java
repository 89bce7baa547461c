package io.culvert.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.observe.CapturedPacket.Direction;
import io.culvert.testing.Hex;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files in hexadecimal follow draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng by hand. */
class CaptureReaderTest {
    private static final String PACKET = "deadbeef01";

    @ParameterizedTest
    @CsvSource({
        "a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000065, 00000001 00000002 00000005"
                + " 00000007, 1000002000",
        "a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000065, 00000001 00000002 00000005"
                + " 00000007, 1000000002",
        "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 65000000, 01000000 02000000 05000000"
                + " 07000000, 1000002000",
        "4d3cb2a1 0200 0400 00000000 00000000 ffff0000 65000000, 01000000 02000000 05000000"
                + " 07000000, 1000000002"
    })
    void pcapIsReadInBothByteOrdersAndResolutions(String file, String header, long epochNanos)
            throws IOException {
        CaptureReader reader = open(file, header, PACKET);

        assertThat(reader.next())
                .isEqualTo(
                        new CapturedPacket(
                                0,
                                epochNanos,
                                ByteBuffer.wrap(Hex.bytes(PACKET)),
                                7,
                                Direction.UNKNOWN,
                                List.of()));
        assertThat(reader.next()).isNull();
        assertThat(reader.damage()).isEmpty();
        assertThat(reader.interfaces()).containsExactly(new CaptureInterface("", "", 101, 0xffff));
    }

    @Test
    void pcapngSectionsMayDifferInByteOrderAndCountTheirInterfacesAnew() throws IOException {
        CaptureReader reader =
                open(
                        // big endian, raw IP, milliseconds, named ab
                        "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c",
                        "00000001 00000028 0065 0000 00000000",
                        "0002 0002 61620000 0009 0001 03000000 0000 0000 00000028",
                        "00000006 00000028 00000000 00000000 00000005 00000005 00000005",
                        "deadbeef01000000 00000028",
                        // name resolution, which is passed over
                        "00000004 00000010 00000000 00000010",
                        // little endian, Ethernet, microseconds, with direction and two comments
                        "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000",
                        "01000000 14000000 0100 0000 00000000 14000000",
                        "06000000 44000000 00000000 00000000 05000000 05000000 09000000",
                        "deadbeef01000000 0100 0200 68690000 0200 0400 01000000",
                        "0100 0100 21000000 0000 0000 44000000");

        assertThat(reader.next().epochNanos()).isEqualTo(5_000_000);
        CapturedPacket second = reader.next();
        assertThat(second)
                .isEqualTo(
                        new CapturedPacket(
                                1,
                                5_000,
                                ByteBuffer.wrap(Hex.bytes(PACKET)),
                                9,
                                Direction.INBOUND,
                                List.of("hi", "!")));
        assertThat(reader.linkType(second)).isEqualTo(1);
        assertThat(reader.interfaces())
                .containsExactly(
                        new CaptureInterface("ab", "", 101, 0), new CaptureInterface("", "", 1, 0));
        assertThat(reader.next()).isNull();
        assertThat(reader.damage()).isEmpty();
    }

    @Test
    void simpleAndObsoletePacketBlocksAreReadToo() throws IOException {
        CaptureReader reader =
                open(
                        "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c",
                        "00000001 00000014 0065 0000 00000003 00000014",
                        "00000003 00000014 00000005 deadbe00 00000014",
                        "00000002 00000028 0000 ffff 00000000 00000005 00000005 00000005",
                        "deadbeef01000000 00000028");

        CapturedPacket simple = reader.next();
        assertThat(simple.capturedBytes()).isEqualTo(3);
        assertThat(simple.originalBytes()).isEqualTo(5);
        assertThat(reader.next().epochNanos()).isEqualTo(5_000);
        assertThat(reader.next()).isNull();
        assertThat(reader.damage()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 5, 5000000000",
        "6, 5, 5000",
        "9, 5, 5",
        "12, 5000, 5",
        "127, 5000, 0",
        "0, -1, 9223372036854775807",
        "-128, 5, 5000000000",
        "-127, 3, 1500000000",
        "-96, 6442450944, 1500000000",
        "-64, -1, 999999999",
        "-1, 5, 0"
    })
    void everyResolutionOfTimeIsConverted(int resolution, long units, long epochNanos) {
        assertThat(new CaptureClock((byte) resolution, 0).epochNanos(units)).isEqualTo(epochNanos);
    }

    @Test
    void anOffsetOfTimeIsAdded() {
        assertThat(new CaptureClock((byte) 9, 2).epochNanos(5)).isEqualTo(2_000_000_005);
        assertThat(new CaptureClock((byte) 9, -2).epochNanos(5)).isEqualTo(-1_999_999_995);
        assertThat(new CaptureClock((byte) 9, Long.MAX_VALUE).epochNanos(5))
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        List<CapturedPacket> packets = new ArrayList<>();
        byte[] file = written(packets);
        CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(file));

        for (CapturedPacket packet : packets) {
            assertThat(reader.next()).isEqualTo(packet);
        }
        assertThat(reader.next()).isNull();
        assertThat(reader.damage()).isEmpty();
    }

    @Test
    void whereverAFileIsCutWhatStandsBeforeIsReadAndTheCutIsSaid() throws IOException {
        List<CapturedPacket> packets = new ArrayList<>();
        byte[] file = written(packets);
        var header = new ByteArrayOutputStream();
        new PcapngWriter(header, "test").close();
        for (int length = header.size(); length < file.length; length++) {
            CaptureReader reader =
                    CaptureReader.open(new ByteArrayInputStream(Arrays.copyOf(file, length)));
            int read = 0;
            for (CapturedPacket p = reader.next(); p != null; p = reader.next()) {
                assertThat(p).isEqualTo(packets.get(read++));
            }
            boolean isAtEndOfBlock = reader.damage().isEmpty();
            assertThat(isAtEndOfBlock || reader.damage().get().startsWith("it is cut short"))
                    .as("%s", reader.damage())
                    .isTrue();
            assertThat(read).isLessThanOrEqualTo(packets.size());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | it is empty",
                "0a0d | it is not a capture: it ends after 2 bytes",
                "68656c6c6f | it is not a capture (pcap or pcapng): it begins with 68 65 6c 6c",
                "a1b2c3d4 0002 | it is a pcap file cut short in its header",
                "a1b2c3d4 0003 0004 00000000 00000000 0000ffff 00000065 | it is a pcap file of"
                        + " version 3, not 2",
                "0a0d0d0a 0000001c 1a2b3c4d 0002 0000 ffffffffffffffff 0000001c | it is a pcapng"
                        + " file of version 2, not 1",
                "0a0d0d0a 0000001c 12345678 0001 0000 ffffffffffffffff 0000001c | it is damaged:"
                        + " the block at byte 0 has no section header that makes sense",
                "0a0d0d0a 0000001c | it is cut short in the block at byte 0"
            })
    void whatIsNoCaptureSaysWhy(String hex, String message) {
        assertThatThrownBy(() -> open(hex))
                .isInstanceOf(CaptureFormatException.class)
                .hasMessage(message);
    }

    @Test
    void aPacketOfAbsurdLengthEndsTheReadingWithoutBeingAllocated() throws IOException {
        CaptureReader reader =
                open(
                        "a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000065",
                        "00000001 00000002 7fffffff 7fffffff");

        assertThat(reader.next()).isNull();
        assertThat(reader.damage())
                .hasValue("it is damaged: the packet at byte 24 would have 2147483647 bytes");
    }

    @Test
    void aBlockOfAnInterfaceThatIsNotThereEndsTheReading() throws IOException {
        CaptureReader reader =
                open(
                        "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c",
                        "00000006 00000020 00000000 00000000 00000005 00000000 00000000 00000020");

        assertThat(reader.next()).isNull();
        assertThat(reader.damage())
                .hasValue(
                        "it is damaged: the block at byte 28 is of an interface that was not"
                                + " described");
    }

    @Test
    void nothingIsReadBehindThePacketThatIsAskedFor() throws IOException {
        byte[] file = written(new ArrayList<>());
        int[] available = {0};
        InputStream counted =
                new ByteArrayInputStream(file) {
                    @Override
                    public synchronized int read(byte[] into, int at, int length) {
                        int read = super.read(into, at, length);
                        available[0] += Math.max(0, read);
                        return read;
                    }
                };

        CaptureReader.open(counted).next();

        assertThat(available[0]).isLessThan(file.length / 2);
    }

    private static byte[] written(List<CapturedPacket> packets) throws IOException {
        var out = new ByteArrayOutputStream();
        try (PcapngWriter writer = new PcapngWriter(out, "test")) {
            writer.addInterface(CaptureInterface.of("a", CaptureInterface.RAW_IP));
            writer.addInterface(CaptureInterface.of("b", CaptureInterface.ETHERNET));
            for (int i = 0; i < 12; i++) {
                CapturedPacket packet =
                        new CapturedPacket(
                                i % 2,
                                1_700_000_000_000_000_000L + i,
                                ByteBuffer.wrap(new byte[i]),
                                2 * i,
                                Direction.values()[i % 3],
                                i % 4 == 0 ? List.of() : List.of("c".repeat(i), "\u00e4"));
                writer.write(packet);
                packets.add(packet);
            }
            writer.writeStatistics(0, 0, 1, 2);
        }
        return out.toByteArray();
    }

    private static CaptureReader open(String... hex) throws IOException {
        return CaptureReader.open(new ByteArrayInputStream(Hex.bytes(hex)));
    }
}

package io.culvert.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.testing.Hex;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes are those that tcpdump.org's pcap-savefile(5) describes. */
class PcapWriterTest {
    private static final String HEADER = "4d3cb2a1 0200 0400 00000000 00000000 00000400 65000000";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final PcapWriter writer = new PcapWriter(out);

    @Test
    void aPacketHasNanosecondsAndBothLengths() throws IOException {
        int id = writer.addInterface(CaptureInterface.of("a", CaptureInterface.RAW_IP_OF_SEVERAL));
        ByteBuffer bytes = ByteBuffer.wrap(Hex.bytes("45000054"));
        writer.write(
                new CapturedPacket(
                        id,
                        3_000_000_005L,
                        bytes,
                        84,
                        CapturedPacket.Direction.INBOUND,
                        List.of()));
        writer.close();

        assertThat(out.toByteArray())
                .isEqualTo(Hex.bytes(HEADER, "03000000 05000000 04000000 54000000", "45000054"));
        CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(out.toByteArray()));
        CapturedPacket read = reader.next();
        assertThat(read.epochNanos()).isEqualTo(3_000_000_005L);
        assertThat(read.originalBytes()).isEqualTo(84);
        assertThat(reader.next()).isNull();
        assertThat(reader.damage()).isEmpty();
    }

    @Test
    void aFileWithoutPacketsHasItsHeader() throws IOException {
        writer.close();
        assertThat(out.toByteArray()).isEqualTo(Hex.bytes(HEADER));
    }

    @Test
    void anotherLinkTypeIsRefusedByName() throws IOException {
        int ip = writer.addInterface(CaptureInterface.of("a", CaptureInterface.RAW_IP));
        int ethernet = writer.addInterface(CaptureInterface.of("b", CaptureInterface.ETHERNET));
        writer.write(CapturedPacket.whole(ip, 0, ByteBuffer.allocate(20)));
        int before = out.size();

        CapturedPacket frame = CapturedPacket.whole(ethernet, 0, ByteBuffer.allocate(14));
        assertThatThrownBy(() -> writer.write(frame)).hasMessageContaining("raw IP and Ethernet");
        assertThat(out.size()).isEqualTo(before);
    }
}

package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All dumps are of the same 36 bytes, printed by the tools themselves. */
final class HexTextTest {
    private static final String PACKET =
            "450000240001000040115cb70a0900020a090001"
                    + "138800350010"
                    + "0000"
                    + "6162636465666768";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "450000240001000040115cb70a0900020a0900011388003500100000 6162636465666768",
                "0x45000024 0x00010000 0x40115cb7 0x0a090002 0x0a090001 0x13880035 0x00100000"
                        + " 0x61626364 0x65666768",
                "45:00:00:24:00:01:00:00:40:11:5c:b7:0a:09:00:02:0a:09:00:01:13:88:00:35:00:10:00:00"
                        + ":61:62:63:64:65:66:67:68\n",
                "0x45, 0x00, 0x00"
                        + ", 0x24, 0x00, 0x01, 0x00, 0x00, 0x40, 0x11, 0x5c, 0xb7, 0x0a, 0x09,\n"
                        + "0x00, 0x02, 0x0a, 0x09, 0x00, 0x01, 0x13, 0x88, 0x00, 0x35, 0x00, 0x10,"
                        + " 0x00, 0x00, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68",
                // xxd
                "00000000: 4500 0024 0001 0000 4011 5cb7 0a09 0002  E..$....@.\\.....\n"
                        + "00000010: 0a09 0001 1388 0035 0010 0000 6162 6364  .......5....abcd\n"
                        + "00000020: 6566 6768                                efgh\n",
                // tcpdump -x
                "12:00:00.000000 IP 10.9.0.2.5000 > 10.9.0.1.53: 24930 [b2&3=0x6364]\n"
                        + "\t0x0000:  4500 0024 0001 0000 4011 5cb7 0a09 0002\n"
                        + "\t0x0010:  0a09 0001 1388 0035 0010 0000 6162 6364\n"
                        + "\t0x0020:  6566 6768\n",
                // tcpdump -X
                "\t0x0000:  4500 0024 0001 0000 4011 5cb7 0a09 0002  E..$....@.\\.....\n"
                        + "\t0x0010:  0a09 0001 1388 0035 0010 0000 6162 6364  .......5....abcd\n"
                        + "\t0x0020:  6566 6768                                efgh\n",
                // hexdump -C
                "00000000  45 00 00 24 00 01 00 00  40 11 5c b7 0a 09 00 02  |E..$....@.\\.....|\n"
                        + "00000010  0a 09 00 01 13 88 00 35  00 10 00 00 61 62 63 64"
                        + "  |.......5....abcd|\n"
                        + "00000020  65 66 67 68                                       |efgh|\n"
                        + "00000024\n",
                // Wireshark
                "0000   45 00 00 24 00 01 00 00 40 11 5c b7 0a 09 00 02   E..$....@.\\.....\n"
                        + "0010   0a 09 00 01 13 88 00 35 00 10 00 00 61 62 63 64   .......5....abcd\n"
                        + "0020   65 66 67 68                                       efgh\n"
            })
    void everyWayToPrintAPacketIsRead(String text) {
        assertThat(hex(HexText.packets(text))).containsExactly(PACKET);
    }

    @Test
    void anOffsetOfZeroBeginsTheNextPacket() {
        String dump = "\t0x0000:  4500 0001\nIP something\n\t0x0000:  4500 0002\n\t0x0004:  ff\n";
        assertThat(hex(HexText.packets(dump))).containsExactly("45000001", "45000002ff");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  \n", "4500 zz00", "450", "no such file", "0x"})
    void whatIsNoPacketIsRefusedInOneSentence(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HexText.packets(text))
                .satisfies(e -> assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n"));
    }

    private static List<String> hex(List<byte[]> packets) {
        return packets.stream().map(HexFormat.of()::formatHex).toList();
    }
}

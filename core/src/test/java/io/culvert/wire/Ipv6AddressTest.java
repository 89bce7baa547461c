package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Memory;
import io.culvert.testing.Seeds;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv6AddressTest {
    @ParameterizedTest
    @CsvSource({
        // the examples of RFC 5952 §4 and §5, and the corners of the run of zeros
        "20010db8000000000000000000020001, 2001:db8::2:1",
        "20010db8000000010001000100010001, 2001:db8:0:1:1:1:1:1",
        "20010000000000010000000000000001, 2001:0:0:1::1",
        "20010db8000000000001000000000001, 2001:db8::1:0:0:1",
        "20010db80000000000000000aaaa0001, 2001:db8::aaaa:1",
        "00000000000000000000ffffc0000201, ::ffff:192.0.2.1",
        "00000000000000000000000000000000, ::",
        "00000000000000000000000000000001, ::1",
        "00010000000000000000000000000000, 1::",
        "00000001000200030004000500060007, 0:1:2:3:4:5:6:7",
        "00010002000300040005000600070000, 1:2:3:4:5:6:7:0",
        "00010002000300040005000600000000, 1:2:3:4:5:6::",
        "00000000000300040005000600070008, ::3:4:5:6:7:8",
        "ffffffffffffffffffffffffffffffff, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "fe800000000000005efe0000c0000201, fe80::5efe:0:c000:201"
    })
    void anAddressIsWrittenAsRfc5952Asks(String hex, String text) {
        ByteBuffer memory = Memory.holding(Hex.bytes(hex), 3);
        assertThat(Ipv6Address.format(memory, 3)).isEqualTo(text);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void theTextNamesTheSameAddressToTheJdk(long seed) throws UnknownHostException {
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            byte[] bytes = new byte[16];
            for (int group = 0; group < 8; group++) {
                if (random.nextBoolean()) {
                    bytes[2 * group] = (byte) random.nextInt();
                    bytes[2 * group + 1] = (byte) random.nextInt();
                }
            }
            String text = Ipv6Address.format(ByteBuffer.wrap(bytes), 0);
            assertThat(InetAddress.getByName(text).getAddress()).as(text).isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ff020000000000000000000000000001 multicast",
                "00000000000000000000000000000000 unspecified compatible",
                "00000000000000000000000000000001 loopback compatible",
                "000000000000000000000000c0000201 compatible",
                "00000000000000000000ffffc0000201 mapped",
                "fe800000000000000000000000000001 link-local",
                "febf0000000000000000000000000001 link-local",
                "fec00000000000000000000000000001",
                "fe000000000000000000000000000001",
                "20010db8000000000000000000000001",
                "20010db8000000000000000000000000",
                "00000000000000010000000000000001",
                "000000000000000000000001c0000201",
                "0000000000000001c0000201ffff0000"
            })
    void anAddressIsOfItsKindsAndNoOthers(String row) {
        ByteBuffer bytes = ByteBuffer.wrap(Hex.bytes(row.substring(0, 32)));
        long high = bytes.getLong(0);
        long low = bytes.getLong(8);
        assertThat(Ipv6Address.isMulticast(high)).isEqualTo(row.contains("multicast"));
        assertThat(Ipv6Address.isUnspecified(high, low)).isEqualTo(row.contains("unspecified"));
        assertThat(Ipv6Address.isLoopback(high, low)).isEqualTo(row.contains("loopback"));
        assertThat(Ipv6Address.isIpv4Compatible(high, low)).isEqualTo(row.contains("compatible"));
        assertThat(Ipv6Address.isIpv4Mapped(high, low)).isEqualTo(row.contains("mapped"));
        assertThat(Ipv6Address.isLinkLocal(high)).isEqualTo(row.contains("link-local"));
    }
}

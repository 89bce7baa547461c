package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.culvert.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4AddressTest {
    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "192.0.2.1", "255.255.255.255", "8.210.37.47", "1.0.10.100"})
    void anAddressReadsBackAsItWasWritten(String text) {
        assertThat(Ipv4Address.format(Ipv4Address.parse(text))).isEqualTo(text);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void everyAddressSurvivesItsText(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            int address = random.nextInt();
            assertThat(Ipv4Address.parse(Ipv4Address.format(address))).isEqualTo(address);
        }
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.1, c0000201", "0.0.0.7, 00000007", "255.254.253.252, fffefdfc"})
    void theFirstNumberIsTheHighestOctet(String text, String bits) {
        assertThat(Ipv4Address.parse(text)).isEqualTo(Integer.parseUnsignedInt(bits, 16));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "...",
                "1",
                "1.2.3",
                "1.2.3.",
                ".1.2.3",
                "1..2.3",
                "1.2.3.4.",
                "1.2.3.4.5",
                "256.0.0.1",
                "1.2.3.256",
                "1.2.3.1000",
                "1.2.3.99999999999",
                "01.2.3.4",
                "1.2.3.00",
                "-1.2.3.4",
                "+1.2.3.4",
                " 1.2.3.4",
                "1.2.3.4 ",
                "1.2.3.4/24",
                "0x1.2.3.4",
                "a.b.c.d",
                "localhost",
                "::1",
                "1,2,3,4",
                "١.2.3.4"
            })
    void whatIsNotADottedQuadIsRefusedWithASentence(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ipv4Address.parse(text))
                .withMessage(
                        "not an IPv4 address: \""
                                + text
                                + "\"; expected four numbers from 0 to 255 such as 192.0.2.1");
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0,         false, false, false",
        "0.1.2.3,         false, false, false",
        "10.0.0.1,        true,  false, false",
        "126.255.255.255, true,  false, false",
        "127.0.0.0,       false, false, true",
        "127.255.255.255, false, false, true",
        "128.0.0.0,       true,  false, false",
        "223.255.255.255, true,  false, false",
        "224.0.0.0,       false, true,  false",
        "239.255.255.255, false, true,  false",
        "240.0.0.1,       false, false, false",
        "255.255.255.255, false, false, false"
    })
    void anAddressIsOfItsKind(
            String text, boolean isSingleHost, boolean isMulticast, boolean isLoopback) {
        int address = Ipv4Address.parse(text);
        assertThat(Ipv4Address.isSingleHost(address)).isEqualTo(isSingleHost);
        assertThat(Ipv4Address.isMulticast(address)).isEqualTo(isMulticast);
        assertThat(Ipv4Address.isLoopback(address)).isEqualTo(isLoopback);
    }
}

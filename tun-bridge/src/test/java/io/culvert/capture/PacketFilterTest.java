package io.culvert.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.observe.CaptureInterface;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PacketFilterTest {
    /** Both by scapy: IP(...)/TCP(dport=80) and IPv6(...)/UDP(dport=53). */
    private static final byte[] TCP =
            bytes(
                    "45000028000100004006f6cb c0000201c0000202"
                            + "00140050000000000000000050022000 0b7b0000");

    private static final byte[] UDP6 =
            bytes(
                    "6000000000081140 20010db8000000000000000000000001"
                            + "20010db8000000000000000000000002 003500350008a3ff");

    @ParameterizedTest
    @CsvSource({
        "tcp port 80, true, false",
        "tcp port 81, false, false",
        "host 192.0.2.2, true, false",
        "udp port 53, false, true",
        "ip6, false, true",
        "ip6 host 2001:db8::2 or tcp, true, true",
        "'', true, true",
        "greater 41, false, true"
    })
    void rawPacketsOfBothVersionsAreTold(String expression, boolean tcp, boolean udp6)
            throws CaptureException {
        try (PacketFilter filter = PacketFilter.compile(expression, CaptureInterface.RAW_IP)) {
            assertThat(matches(filter, TCP, 0)).isEqualTo(tcp);
            assertThat(matches(filter, UDP6, 0)).isEqualTo(udp6);
            assertThat(matches(filter, TCP, 1000)).isEqualTo(tcp);
            assertThat(filter.expression()).isEqualTo(expression);
        }
    }

    @Test
    void behindEthernetTheSameExpressionWorks() throws CaptureException {
        byte[] frame = bytes("020000000001020000000002 0800" + HexFormat.of().formatHex(TCP));
        try (PacketFilter filter = PacketFilter.compile("tcp port 80", CaptureInterface.ETHERNET)) {
            assertThat(matches(filter, frame, 0)).isTrue();
            assertThat(matches(filter, TCP, 0)).isFalse();
        }
    }

    @Test
    void aPacketCutShortMatchesWhatIsThere() throws CaptureException {
        try (PacketFilter filter = PacketFilter.compile("greater 1000", CaptureInterface.RAW_IP)) {
            assertThat(filter.matches(ByteBuffer.wrap(TCP), 0, 40, 1500)).isTrue();
            assertThat(filter.matches(ByteBuffer.wrap(TCP), 0, 40)).isFalse();
        }
        try (PacketFilter filter = PacketFilter.compile("tcp port 80", CaptureInterface.RAW_IP)) {
            assertThat(filter.matches(ByteBuffer.wrap(TCP), 0, 20, 40)).isFalse();
            assertThat(filter.matches(ByteBuffer.wrap(TCP), 0, 0)).isFalse();
        }
    }

    @Test
    void aWrongExpressionIsAnErrorInLibpcapsWords() {
        assertThatThrownBy(() -> PacketFilter.compile("port eighty", CaptureInterface.RAW_IP))
                .isInstanceOfSatisfying(
                        CaptureException.class,
                        e -> assertThat(e.kind()).isEqualTo(CaptureException.Kind.USAGE))
                .hasMessageMatching(
                        "cannot use the filter \"port eighty\": .*port 'eighty'.* \\(see"
                                + " pcap-filter\\(7\\)\\)");
        assertThatThrownBy(() -> PacketFilter.compile("vlan 7", CaptureInterface.RAW_IP))
                .hasMessageContaining("no VLAN support");
    }

    private static boolean matches(PacketFilter filter, byte[] packet, int at) {
        ByteBuffer memory = ByteBuffer.allocateDirect(at + packet.length + 7).put(at, packet);
        return filter.matches(memory, at, packet.length);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}

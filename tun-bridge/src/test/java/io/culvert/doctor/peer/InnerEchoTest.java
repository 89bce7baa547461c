package io.culvert.doctor.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.wire.Icmpv4Message;
import io.culvert.wire.Icmpv6Message;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Header;
import io.culvert.wire.Ipv6Header;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InnerEchoTest {
    private final InnerEcho echo4 = echo("198.51.100.1", "198.51.100.2", 77, 12345);
    private final InnerEcho echo6 = echo("2001:db8::1", "2001:db8::2", 77, 12345);

    @ParameterizedTest
    @ValueSource(ints = {InnerEcho.LEAST_BYTES, 84, 1476, 8976})
    void aRequestIsAWholePacket(int bytes) {
        ByteBuffer packet = echo4.request(9, bytes);
        Ipv4Header ip = new Ipv4Header().wrap(packet, 0);

        assertThat(ip.isValid(bytes)).isTrue();
        assertThat(ip.hasValidHeaderChecksum()).isTrue();
        assertThat(ip.totalLengthBytes()).isEqualTo(bytes);
        assertThat(ip.dontFragment()).isTrue();
        Icmpv4Message icmp = new Icmpv4Message().wrap(packet, ip.payloadAt());
        assertThat(icmp.hasValidChecksum(ip.payloadLengthBytes())).isTrue();
        assertThat(icmp.sequenceNumber()).isEqualTo(9);
    }

    @ParameterizedTest
    @ValueSource(ints = {InnerEcho.LEAST_BYTES, 84, 1476})
    void aRequestOfIpv6IsAWholePacket(int bytes) {
        ByteBuffer packet = echo6.request(9, bytes);
        Ipv6Header ip = new Ipv6Header().wrap(packet, 0);

        assertThat(ip.totalLengthBytes()).isEqualTo(bytes);
        int messageBytes = ip.payloadLengthBytes();
        assertThat(
                        new Icmpv6Message()
                                .wrap(packet, ip.payloadAt())
                                .hasValidChecksum(
                                        messageBytes,
                                        ip.pseudoHeaderSum(IpProtocol.ICMPV6, messageBytes)))
                .isTrue();
    }

    @Test
    void itsAnswerIsKnownAgainAndNobodyElses() {
        assertThat(echo4.answeredNumber(answer(echo4, 9), 0)).isEqualTo(9);
        assertThat(echo6.answeredNumber(answer(echo6, 9), 0)).isEqualTo(9);
        assertThat(echo4.answeredNumber(echo4.request(9, 84), 0)).isEqualTo(-1);
        assertThat(echo4.answeredNumber(answer(echo6, 9), 0)).isEqualTo(-1);
        InnerEcho sameIdentifier = echo("198.51.100.1", "198.51.100.2", 77, 54321);
        assertThat(echo4.answeredNumber(answer(sameIdentifier, 9), 0)).isEqualTo(-1);
        InnerEcho sameNumber = echo("198.51.100.1", "198.51.100.2", 78, 12345);
        assertThat(echo4.answeredNumber(answer(sameNumber, 9), 0)).isEqualTo(-1);
    }

    @Test
    void noCutMakesItReadBeyondTheEnd() {
        ByteBuffer whole = answer(echo4, 9);
        for (int length = 0; length < 36; length++) {
            ByteBuffer cut = whole.duplicate().limit(length);
            assertThat(echo4.answeredNumber(cut, 0)).isEqualTo(-1);
        }
    }

    private static ByteBuffer answer(InnerEcho echo, int number) {
        ByteBuffer packet = echo.request(number, 84);
        if (echo.isIpv6()) {
            packet.put(Ipv6Header.LENGTH, (byte) Icmpv6Message.ECHO_REPLY);
        } else {
            packet.put(Ipv4Header.MIN_LENGTH, (byte) Icmpv4Message.ECHO_REPLY);
        }
        return packet;
    }

    private static InnerEcho echo(String from, String to, int identifier, long drawn) {
        try {
            return new InnerEcho(
                    InetAddress.getByName(from), InetAddress.getByName(to), identifier, drawn);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}

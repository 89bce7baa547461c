package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.SendingEnd.Sent;
import io.culvert.testing.Specs;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of ICMP errors about outer packets: Linux's table, row by row. */
class IcmpErrorsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final byte[] INNER = Ipv4Packet.ofBytes(100).bytes();
    private static final byte[] INNER_6 = Ipv6Packet.ofBytes(100).bytes();
    private static final int HOST_UNREACHABLE = 1;

    private static SendingEnd tunnel(TunnelMode mode, int ttl) {
        Payload payload = mode == TunnelMode.IPIP ? Payload.IPV4 : Payload.IP;
        return new SendingEnd(Specs.of(mode).payload(payload).ttl(ttl).build(), 1500);
    }

    private static OuterError error(SendingEnd tunnel, int type, int code) {
        return SendingEnd.icmp(type, code, 0, tunnel.send(INNER).only());
    }

    @ParameterizedTest(name = "{0} ttl {1}, ICMP {2}/{3}: remembered {4}")
    @CsvSource({
        "GRE, 64, 3, 0, true",
        "GRE, 64, 3, 1, true",
        "GRE, 64, 3, 2, true",
        "GRE, 64, 3, 3, false",
        "GRE, 64, 3, 5, false",
        "GRE, 64, 3, 13, true",
        "GRE, 64, 11, 0, true",
        "GRE, 0, 11, 0, false",
        "GRE, 64, 11, 1, false",
        "GRE, 64, 12, 0, false",
        "GRE, 64, 4, 0, false",
        "GRE, 64, 5, 1, false",
        "IPIP, 64, 3, 0, true",
        "IPIP, 64, 3, 1, true",
        "IPIP, 64, 3, 2, true",
        "IPIP, 64, 3, 3, true",
        "IPIP, 64, 3, 5, false",
        "IPIP, 64, 3, 13, true",
        "IPIP, 64, 11, 0, true",
        "IPIP, 0, 11, 0, false",
        "IPIP, 64, 11, 1, false",
        "IPIP, 64, 12, 0, false",
        "SIT, 64, 3, 1, true",
        "SIT, 64, 3, 3, true",
        "SIT, 64, 3, 5, false",
        "SIT, 64, 11, 0, true",
        "SIT, 0, 11, 0, false",
        "SIT, 64, 12, 0, false"
    })
    void anErrorIsRememberedAndTheNextSenderIsToldWhileItsPacketIsStill(
            TunnelMode mode, int ttl, int type, int code, boolean isRemembered) {
        SendingEnd tunnel = tunnel(mode, ttl);
        assertThat(tunnel.hear(error(tunnel, type, code))).isEmpty();

        Sent next = tunnel.send(INNER);
        assertThat(next.reason()).isNull();
        assertThat(next.outer()).hasSize(1);
        if (isRemembered) {
            assertUnreachable(next.errors());
        } else {
            assertThat(next.errors()).isEmpty();
        }
        assertThat(tunnel.send(INNER).errors()).isEmpty();
        assertThat(tunnel.outerMtu()).isEqualTo(1500);
    }

    private static void assertUnreachable(List<byte[]> errors) {
        assertThat(errors).hasSize(1);
        ByteBuffer error = ByteBuffer.wrap(errors.get(0));
        assertThat(error.getShort(20)).isEqualTo((short) (3 << 8 | HOST_UNREACHABLE));
        assertThat(error.getInt(24)).isZero();
        assertThat(errors.get(0)).endsWith(INNER);
    }

    @Test
    void eachErrorIsToldOnceAndForgottenAfterASecond() {
        SendingEnd tunnel = tunnel(TunnelMode.GRE, 64);
        OuterError error = error(tunnel, 3, 1);
        tunnel.hear(error);
        tunnel.hear(error);
        assertUnreachable(tunnel.send(INNER).errors());
        tunnel.passNanos(SECOND - 1);
        assertUnreachable(tunnel.send(INNER).errors());
        assertThat(tunnel.send(INNER).errors()).isEmpty();

        tunnel.hear(error);
        tunnel.passNanos(SECOND);
        assertThat(tunnel.send(INNER).errors()).isEmpty();
        assertThat(tunnel.passNanos(-SECOND).send(INNER).errors()).isEmpty();
    }

    @Test
    void anOldErrorIsNotRememberedWithANewOne() {
        SendingEnd tunnel = tunnel(TunnelMode.GRE, 64);
        OuterError error = error(tunnel, 3, 1);
        tunnel.hear(error);
        tunnel.hear(error);
        tunnel.passNanos(SECOND);
        tunnel.hear(error);
        assertUnreachable(tunnel.send(INNER).errors());
        assertThat(tunnel.send(INNER).errors()).isEmpty();
    }

    @Test
    void aPacketThatIsTooBigIsAnsweredForThatAndLeavesTheErrorToTheNext() {
        SendingEnd tunnel = tunnel(TunnelMode.GRE, 64);
        tunnel.hear(error(tunnel, 3, 1));
        Sent tooBig = tunnel.send(Ipv4Packet.ofBytes(1500).dontFragment().bytes());
        assertThat(tooBig.reason()).isEqualTo(DropReason.TOO_BIG);
        assertThat(tooBig.errors()).hasSize(1);
        assertThat(tooBig.errors().get(0)[21]).isEqualTo((byte) 4);
        assertUnreachable(tunnel.send(INNER).errors());
    }

    @Test
    void theSenderOfAPacketThatGoesInFragmentsIsToldToo() {
        for (boolean pmtudisc : new boolean[] {true, false}) {
            SendingEnd tunnel =
                    new SendingEnd(
                            Specs.of(TunnelMode.GRE).pmtudisc(pmtudisc).ttl(64).build(), 1500);
            tunnel.hear(error(tunnel, 3, 1));
            byte[] inner = Ipv4Packet.ofBytes(1500).bytes();
            Sent sent = tunnel.send(inner);
            assertThat(sent.outer()).hasSize(2);
            assertThat(sent.errors()).hasSize(1);
            assertThat(sent.errors().get(0)).endsWith(Arrays.copyOf(inner, 548));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"GRE, 1276", "IPIP, 1280"})
    void fragmentationNeededLowersThePathAndTheNextBigPacketIsAnswered(
            TunnelMode mode, int innerMtu) {
        SendingEnd tunnel = tunnel(mode, 64);
        byte[] big = Ipv4Packet.ofBytes(1400).dontFragment().bytes();
        byte[] outer = tunnel.send(big).only();
        assertThat(tunnel.hear(SendingEnd.icmp(3, 4, 1300, outer))).isEmpty();

        assertThat(tunnel.outerMtu()).isEqualTo(1300);
        Sent next = tunnel.send(big);
        assertThat(next.reason()).isEqualTo(DropReason.TOO_BIG);
        assertThat(ByteBuffer.wrap(next.errors().get(0)).getShort(26)).isEqualTo((short) innerMtu);
        assertThat(tunnel.send(INNER).errors()).isEmpty();

        tunnel.passNanos(PathMtu.LIFETIME_NANOS);
        assertThat(tunnel.send(big).only()).hasSize(outer.length);
    }

    @Test
    void fragmentationNeededFromARouterThatTellsNoMtuMeansTheLeast() {
        SendingEnd tunnel = tunnel(TunnelMode.GRE, 64);
        tunnel.hear(error(tunnel, 3, 4));
        assertThat(tunnel.outerMtu()).isEqualTo(552);
        assertThat(tunnel.send(INNER).errors()).isEmpty();
    }

    @Test
    void thisHostsOwnRefusalOfASizeIsBelievedAndAllItsOthersAreNot() {
        SendingEnd tunnel = tunnel(TunnelMode.GRE, 64);
        ByteBuffer quoted = ByteBuffer.wrap(tunnel.send(INNER).only());
        tunnel.hear(OuterError.refusal(90, 1400, quoted));
        assertThat(tunnel.outerMtu()).isEqualTo(1400);
        tunnel.hear(OuterError.refusal(113, 0, quoted));
        assertThat(tunnel.outerMtu()).isEqualTo(1400);
        assertThat(tunnel.send(INNER).errors()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"GRE", "SIT"})
    void theSenderOfAQuotedIpv6PacketIsToldAtOnceAndNothingIsRemembered(TunnelMode mode) {
        SendingEnd tunnel = tunnel(mode, 64);
        byte[] outer = tunnel.send(INNER_6).only();
        int leastQuote = outer.length - 100 + 48;

        List<byte[]> told = tunnel.hear(SendingEnd.icmp(3, 1, 0, Arrays.copyOf(outer, leastQuote)));
        assertThat(told).hasSize(1);
        byte[] error = told.get(0);
        assertThat(error[40]).isEqualTo((byte) 1); // destination unreachable
        assertThat(error[41]).isEqualTo((byte) 3); // address unreachable
        assertThat(error).endsWith(Arrays.copyOf(INNER_6, 48));
        assertThat(tunnel.send(INNER_6).errors()).isEmpty();

        assertThat(tunnel.hear(SendingEnd.icmp(3, 1, 0, Arrays.copyOf(outer, leastQuote - 1))))
                .isEmpty();
        List<byte[]> next = tunnel.send(INNER_6).errors();
        assertThat(next).hasSize(1);
        assertThat(next.get(0)[40]).isEqualTo((byte) 1);
        assertThat(next.get(0)[41]).isEqualTo((byte) 3);
    }

    @Test
    void anErrorAboutAnIpv6PacketToAGroupIsNobodysLaterOn() {
        SendingEnd tunnel = tunnel(TunnelMode.GRE, 64);
        byte[] solicitation = INNER_6.clone();
        solicitation[24] = (byte) 0xff; // the destination's first byte
        byte[] outer = tunnel.send(solicitation).only();

        assertThat(tunnel.hear(SendingEnd.icmp(3, 2, 0, outer))).isEmpty();
        assertThat(tunnel.send(INNER).errors()).isEmpty();
        assertThat(tunnel.send(INNER_6).errors()).isEmpty();
    }

    @Test
    void quotesCutShortAreReadNoFurtherThanTheyGo() {
        for (TunnelMode mode : List.of(TunnelMode.GRE, TunnelMode.IPIP, TunnelMode.SIT)) {
            SendingEnd tunnel = tunnel(mode, 64);
            byte[] outer = tunnel.send(INNER).only();
            for (int length = 0; length <= outer.length; length++) {
                byte[] quote = Arrays.copyOf(outer, length);
                assertThat(tunnel.hear(SendingEnd.icmp(3, 1, 0, quote))).isEmpty();
                assertUnreachable(tunnel.send(INNER).errors());
            }
        }
    }
}

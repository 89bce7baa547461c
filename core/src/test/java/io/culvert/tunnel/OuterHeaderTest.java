package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.spec.TunnelSpecBuilder;
import io.culvert.testing.Ipv4Packet;
import io.culvert.testing.Ipv6Packet;
import io.culvert.testing.SendingEnd;
import io.culvert.testing.Specs;
import io.culvert.wire.Ipv4Header;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TTL, TOS and DF of the outer header, as Linux 6.1 was seen to set them. */
class OuterHeaderTest {
    private static Ipv4Header outer(TunnelSpecBuilder spec, byte[] inner) {
        return outer(new SendingEnd(spec.build(), 1500), inner);
    }

    private static Ipv4Header outer(SendingEnd tunnel, byte[] inner) {
        byte[] packet = tunnel.send(inner).only();
        Ipv4Header outer = new Ipv4Header().wrap(ByteBuffer.wrap(packet), 0);
        assertThat(outer.isValid(packet.length)).isTrue();
        assertThat(outer.hasValidHeaderChecksum()).isTrue();
        return outer;
    }

    private static TunnelSpecBuilder gre() {
        return Specs.of(TunnelMode.GRE);
    }

    @ParameterizedTest(name = "ttl {0}, inner {1}: outer {2}")
    @CsvSource({"0, 1, 1", "0, 64, 64", "0, 255, 255", "64, 1, 64", "1, 200, 1", "255, 3, 255"})
    void theTtlIsTheTunnelsOrTheInnerOne(int ttl, int inner, int expected) {
        byte[] inner4 = Ipv4Packet.ofBytes(60).ttl(inner).bytes();
        byte[] inner6 = Ipv6Packet.ofBytes(60).hopLimit(inner).bytes();
        assertThat(outer(gre().ttl(ttl), inner4).ttl()).isEqualTo(expected);
        assertThat(outer(gre().ttl(ttl), inner6).ttl()).isEqualTo(expected);
        assertThat(outer(Specs.of(TunnelMode.IPIP).ttl(ttl), inner4).ttl()).isEqualTo(expected);
        assertThat(outer(Specs.of(TunnelMode.SIT).ttl(ttl), inner6).ttl()).isEqualTo(expected);
    }

    @ParameterizedTest(name = "tos {0}, inner {1}: outer {2}")
    @CsvSource({
        // a fixed DSCP; ECN copied, but CE becomes ECT(0)
        "0x00, 0x00, 0x00",
        "0x00, 0xb8, 0x00",
        "0x00, 0xb9, 0x01",
        "0x00, 0xba, 0x02",
        "0x00, 0xbb, 0x02",
        "0x10, 0x00, 0x10",
        "0x10, 0xb9, 0x11",
        "0x10, 0xbb, 0x12",
        // an even TOS with an ECN bit in it loses that
        "0x12, 0x00, 0x10",
        "0x12, 0x01, 0x11",
        // inherited
        "0x01, 0x00, 0x00",
        "0x01, 0xb8, 0xb8",
        "0x01, 0xb9, 0xb9",
        "0x01, 0xba, 0xba",
        "0x01, 0xbb, 0xba",
        "0x11, 0xb8, 0xb8",
        "0xff, 0x28, 0x28"
    })
    void theDscpIsTheTunnelsOrTheInnerOneAndEcnIsTheInnerOneButForCe(
            String tos, String inner, String expected) {
        byte[] inner4 = Ipv4Packet.ofBytes(60).tos(Integer.decode(inner)).bytes();
        byte[] inner6 = Ipv6Packet.ofBytes(60).trafficClass(Integer.decode(inner)).bytes();
        int fixed = Integer.decode(tos);
        int outer = Integer.decode(expected);
        assertThat(outer(gre().tos(fixed), inner4).tos()).isEqualTo(outer);
        assertThat(outer(gre().tos(fixed), inner6).tos()).isEqualTo(outer);
        assertThat(outer(Specs.of(TunnelMode.IPIP).tos(fixed), inner4).tos()).isEqualTo(outer);
        assertThat(outer(Specs.of(TunnelMode.SIT).tos(fixed), inner6).tos()).isEqualTo(outer);
    }

    @ParameterizedTest(
            name = "pmtudisc {0}, ignore-df {1}, inner DF {2}: outer DF {3}, for IPv6 {4}")
    @CsvSource({
        "true,  false, false, true,  true",
        "true,  false, true,  true,  true",
        "false, false, false, false, false",
        "false, false, true,  true,  false",
        "false, true,  false, false, false",
        "false, true,  true,  false, false"
    })
    void theDontFragmentBitFollowsThePathMtuOptions(
            boolean pmtudisc,
            boolean ignoreDf,
            boolean innerDf,
            boolean outerDf,
            boolean outerDf6) {
        Ipv4Packet inner = Ipv4Packet.ofBytes(60);
        byte[] inner4 = (innerDf ? inner.dontFragment() : inner).bytes();
        byte[] inner6 = Ipv6Packet.ofBytes(60).bytes();
        TunnelSpecBuilder spec = gre().pmtudisc(pmtudisc).ignoreDf(ignoreDf);
        assertThat(outer(spec, inner4).dontFragment()).isEqualTo(outerDf);
        assertThat(outer(spec, inner6).dontFragment()).isEqualTo(outerDf6);
        assertThat(outer(spec, inner4).isFragment()).isFalse();
        if (!ignoreDf) {
            spec = Specs.of(TunnelMode.IPIP).pmtudisc(pmtudisc);
            assertThat(outer(spec, inner4).dontFragment()).isEqualTo(outerDf);
            spec = Specs.of(TunnelMode.SIT).payload(Payload.IP).pmtudisc(pmtudisc);
            assertThat(outer(spec, inner4).dontFragment()).isEqualTo(outerDf);
            assertThat(outer(spec, inner6).dontFragment()).isEqualTo(outerDf6);
        }
    }

    /** RFC 4213 §3.2.2: else packets of up to 1280 bytes could not be relied on to arrive. */
    @ParameterizedTest(name = "outer MTU {0}: DF {1}")
    @CsvSource({"1300, true", "1299, false", "576, false"})
    void a6in4TunnelOverAPathTooNarrowForIpv6LetsRoutersFragment(int outerMtu, boolean outerDf) {
        byte[] inner6 = Ipv6Packet.ofBytes(60).bytes();
        byte[] inner4 = Ipv4Packet.ofBytes(60).bytes();
        TunnelSpec sit = Specs.of(TunnelMode.SIT).payload(Payload.IP).build();
        assertThat(outer(new SendingEnd(sit, outerMtu), inner6).dontFragment()).isEqualTo(outerDf);
        assertThat(outer(new SendingEnd(sit, outerMtu), inner4).dontFragment()).isTrue();
        SendingEnd gre = new SendingEnd(gre().build(), outerMtu);
        assertThat(outer(gre, inner6).dontFragment()).isTrue();
    }

    @Test
    void theIdentificationNeverIsZero() {
        SendingEnd tunnel = new SendingEnd(gre().build(), 1500);
        byte[] inner = Ipv4Packet.ofBytes(60).bytes();
        int before = outer(tunnel, inner).identification();
        for (int i = 0; i < 70_000; i++) {
            int identification = outer(tunnel, inner).identification();
            assertThat(identification).isEqualTo(before == 0xffff ? 1 : before + 1);
            before = identification;
        }
    }

    @Test
    void whereTheRouteDecidesTheSourceItIsLeftToTheKernel() {
        Ipv4Header outer = outer(gre().local(null), Ipv4Packet.ofBytes(60).bytes());
        assertThat(outer.source()).isZero();
        assertThat(outer.destination()).isEqualTo(Specs.REMOTE);
    }

    @Test
    void aTunnelWithoutARemoteHasNowhereToSendTo() {
        TunnelSpec spec = gre().remote(null).build();
        assertThatThrownBy(() -> new SendingEnd(spec, 1500))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tun0 has no remote address");
    }
}

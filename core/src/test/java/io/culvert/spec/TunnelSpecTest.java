package io.culvert.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.testing.Specs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelSpecTest {
    private static TunnelSpecBuilder of(String words) {
        return Specs.parse("ip tunnel add tun0 mode " + words).toBuilder();
    }

    @Test
    void theDefaultsAreTheKernels() {
        TunnelSpec spec = TunnelSpec.builder("g0", TunnelMode.GRE).build();
        assertThat(spec.outer().ttl()).isEqualTo(Outer.TTL_INHERIT);
        OuterIpv4 outer = (OuterIpv4) spec.outer();
        assertThat(outer.tos()).isZero();
        assertThat(outer.inheritsTos()).isFalse();
        assertThat(spec.outer().pmtudisc()).isTrue();
        assertThat(outer.fragmentation()).isEqualTo(OuterIpv4.Fragmentation.NEVER);
        assertThat(spec.gre().inputKey()).isEmpty();
        assertThat(spec.gre().outputKey()).isEmpty();
        assertThat(spec.device().innerMtu()).isZero();
        assertThat(outer.remoteBits()).isZero();
        assertThat(outer.localBits()).isZero();
        assertThat(spec.payload()).isEqualTo(Payload.IP);
        assertThat(TunnelSpec.builder("i0", TunnelMode.IPIP).build().payload())
                .isEqualTo(Payload.IPV4);
        assertThat(TunnelSpec.builder("s0", TunnelMode.SIT).build().payload())
                .isEqualTo(Payload.IPV6);
    }

    @Test
    void whatCarriesBothFamiliesMayTakeTwoOuterProtocols() {
        TunnelSpec sit = of("sit").build();

        assertThat(of("gre").build().outerProtocols()).containsExactly(47);
        assertThat(of("ipip").build().outerProtocols()).containsExactly(4);
        assertThat(sit.outerProtocols()).containsExactly(41);
        assertThat(sit.toBuilder().payload(Payload.IP).build().outerProtocols())
                .containsExactly(41, 4);
    }

    @ParameterizedTest(name = "{0} over {1}: {2}")
    @CsvSource({
        "gre, 1500, 1476",
        "gre key 7, 1500, 1472",
        "gre csum, 1500, 1472",
        "gre seq, 1500, 1472",
        "gre key 7 csum, 1500, 1468",
        "gre key 7 seq, 1500, 1468",
        "gre csum seq, 1500, 1468",
        "gre key 7 csum seq, 1500, 1464",
        "ipip, 1500, 1480",
        "sit, 1500, 1480",
        "gre, 9000, 8976",
        // never less than an IP link may have
        "gre, 80, 68",
        "ipip, 68, 68",
        "sit, 1400, 1380",
        "sit, 1300, 1280",
        "sit, 1280, 1280",
        "sit, 576, 1280",
        // never more than an IP packet has room for: the loopback device
        "gre, 65536, 65511",
        "ipip, 65536, 65515"
    })
    void theMtuIsWhatTheKernelDerives(String words, int underlayMtu, int innerMtu) {
        assertThat(of(words).build().innerMtuOver(underlayMtu)).isEqualTo(innerMtu);
    }

    @Test
    void whatIsOnlyExpectedOfReceivedPacketsCostsNothing() {
        TunnelSpec spec = of("gre").inputKey(1).inputChecksum(true).inputSequence(true).build();
        assertThat(spec.innerMtuOver(1500)).isEqualTo(1476);
        assertThat(spec.overheadBytes()).isEqualTo(24);
    }

    @Test
    void anMtuThatWasSetIsTaken() {
        assertThat(of("gre").innerMtu(1400).build().innerMtuOver(1500)).isEqualTo(1400);
        assertThat(of("gre").innerMtu(1500).build().innerMtuOver(1500)).isEqualTo(1500);
    }

    @ParameterizedTest(name = "{0} mtu {1}: {2} to {3}")
    @CsvSource({
        "gre, 67, 68, 65511",
        "gre, 65512, 68, 65511",
        "gre key 7 csum seq, 65500, 68, 65499",
        "ipip, 65516, 68, 65515",
        "sit, 1279, 1280, 65515"
    })
    void anMtuOutOfRangeIsRefusedWithTheRange(String words, int mtu, int least, int most) {
        TunnelSpecBuilder spec = of(words).innerMtu(mtu);
        assertThatThrownBy(spec::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("mtu " + mtu + " is not " + least + " to " + most);
        assertThat(of(words).innerMtu(least).build().device().innerMtu()).isEqualTo(least);
        assertThat(of(words).innerMtu(most).build().device().innerMtu()).isEqualTo(most);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ipip", "sit"})
    void onlyGreHasKeysChecksumsSequenceNumbersAndIgnoreDf(String mode) {
        refused(of(mode).key(1), "keys are not allowed with " + mode);
        refused(of(mode).inputKey(1), "keys are not allowed with " + mode);
        refused(of(mode).outputKey(1), "keys are not allowed with " + mode);
        refused(of(mode).checksum(true), "checksums are not allowed with " + mode);
        refused(of(mode).inputChecksum(true), "checksums are not allowed with " + mode);
        refused(of(mode).outputChecksum(true), "checksums are not allowed with " + mode);
        refused(of(mode).sequence(true), "sequence numbers are not allowed with " + mode);
        refused(of(mode).inputSequence(true), "sequence numbers are not allowed with " + mode);
        refused(of(mode).outputSequence(true), "sequence numbers are not allowed with " + mode);
        refused(of(mode).pmtudisc(false).ignoreDf(true), "ignore-df is not allowed with " + mode);
    }

    @Test
    void valuesOutOfRangeOrAgainstEachOtherAreRefused() {
        refused(of("gre").ttl(-1), "ttl -1 is not 1 to 255 or inherit");
        refused(of("gre").ttl(256), "ttl 256 is not 1 to 255 or inherit");
        refused(of("gre").tos(-1), "tos -1 is not 0 to 255 or inherit");
        refused(of("gre").tos(256), "tos 256 is not 0 to 255 or inherit");
        refused(of("gre").ignoreDf(true), "ignore-df needs nopmtudisc");
        refused(of("gre").remote(Specs.address(0xe000_0005)), "remote 224.0.0.5 is multicast");
        refused(
                of("gre").remote(Specs.address(Specs.LOCAL)).local(Specs.address(Specs.LOCAL)),
                "remote and local are both 192.0.2.2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "sixteen-letters-", "äöüäöüäö", "a/b", "a:b", "a%d", "a b", ".", ".."})
    void aNameThatNoDeviceMayHaveIsRefused(String name) {
        TunnelSpecBuilder spec = TunnelSpec.builder(name, TunnelMode.GRE);
        assertThatThrownBy(spec::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("name");
    }

    @Test
    void aNameOfFifteenBytesIsLongButAllowed() {
        assertThat(TunnelSpec.builder("fifteen-letters", TunnelMode.GRE).build().name())
                .hasSize(15);
    }

    @Test
    void aBuilderThatStartsFromASpecMakesTheSameAgain() {
        TunnelSpec full =
                TunnelSpec.builder("g0", TunnelMode.GRE)
                        .payload(Payload.IPV6)
                        .remote(Specs.address(Specs.REMOTE))
                        .local(Specs.address(Specs.LOCAL))
                        .link("eth0")
                        .inputKey(1)
                        .outputKey(2)
                        .inputChecksum(true)
                        .outputSequence(true)
                        .ttl(9)
                        .tos(0x11)
                        .pmtudisc(false)
                        .ignoreDf(true)
                        .innerMtu(1300)
                        .build();
        assertThat(full.toBuilder().build()).isEqualTo(full);
        OuterIpv4 outer = (OuterIpv4) full.outer();
        assertThat(outer.inheritsTos()).isTrue();
        assertThat(full.toBuilder().noKey().build().gre().inputKey()).isEmpty();
        assertThat(outer.remoteBits()).isEqualTo(Specs.REMOTE);
        assertThat(outer.localBits()).isEqualTo(Specs.LOCAL);
    }

    @Test
    void theWordsAreThoseOfIp() {
        assertThat(TunnelMode.values())
                .extracting(TunnelMode::word)
                .containsExactly("gre", "ipip", "sit", "gretap", "ip6gre", "ip6gretap", "ip6tnl");
        assertThat(TunnelMode.SIT.payloads())
                .extracting(TunnelMode.SIT::payloadWord)
                .containsExactly("ip6ip", "any", "ipip");
        assertThat(TunnelMode.IP6TNL.payloads())
                .extracting(TunnelMode.IP6TNL::payloadWord)
                .containsExactly("any", "ipip6", "ip6ip6");
    }

    private static void refused(TunnelSpecBuilder spec, String message) {
        assertThatThrownBy(spec::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}

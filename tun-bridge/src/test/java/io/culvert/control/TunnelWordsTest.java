package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.culvert.device.Offload;
import io.culvert.spec.KeepaliveSpec;
import io.culvert.spec.Outer;
import io.culvert.spec.OuterIpv6;
import io.culvert.spec.Payload;
import io.culvert.spec.TunnelMode;
import io.culvert.spec.TunnelSpec;
import io.culvert.spec.TunnelSpecBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class TunnelWordsTest {
    private static final String PLAIN = "tun0 mode gre remote 192.0.2.2 ";

    @ParameterizedTest
    @MethodSource("words")
    void everyWordSetsWhatItSaysAndNothingElse(
            String words, UnaryOperator<TunnelSpecBuilder> expected) {
        TunnelConfig config = parse(PLAIN + words);

        assertThat(config.spec()).isEqualTo(expected.apply(plain()).build());
        assertThat(config.addresses()).isEmpty();
        assertThat(config.routes()).isEmpty();
    }

    static Stream<Arguments> words() {
        return Stream.of(
                sets("", spec -> spec),
                sets("local 192.0.2.1", spec -> spec.local(AddressWords.ipv4("192.0.2.1"))),
                sets("local any", spec -> spec),
                sets("local 0.0.0.0", spec -> spec),
                sets("dev eth0", spec -> spec.link("eth0")),
                sets("dev ttl", spec -> spec.link("ttl")),
                sets("ttl 64", spec -> spec.ttl(64)),
                sets("ttl 0x40", spec -> spec.ttl(64)),
                sets("ttl 010", spec -> spec.ttl(8)),
                sets("ttl 255", spec -> spec.ttl(255)),
                sets("ttl 0", spec -> spec.ttl(Outer.TTL_INHERIT)),
                sets("ttl inherit", spec -> spec.ttl(Outer.TTL_INHERIT)),
                sets("hoplimit 1", spec -> spec.ttl(1)),
                sets("hlim 2", spec -> spec.ttl(2)),
                sets("tos inherit", spec -> spec.tos(1)),
                sets("tos inherit/10", spec -> spec.tos(0x11)),
                sets("tos inherit/0xb8", spec -> spec.tos(0xb9)),
                sets("tos inherit/CS6", spec -> spec.tos(0xc1)),
                sets("tos 10", spec -> spec.tos(0x10)),
                sets("tos 0x10", spec -> spec.tos(0x10)),
                sets("tos c0", spec -> spec.tos(0xc0)),
                sets("tos ff", spec -> spec.tos(0xff)),
                sets("tos 0", spec -> spec.tos(0)),
                sets("dsfield EF", spec -> spec.tos(0xb8)),
                sets("dsfield ef", spec -> spec.tos(0xef)),
                sets("tclass default", spec -> spec.tos(0)),
                sets("key 7", spec -> spec.key(7)),
                sets("key 0", spec -> spec.key(0)),
                sets("key 0xffffffff", spec -> spec.key(-1)),
                sets("key 4294967295", spec -> spec.key(-1)),
                sets("key 010", spec -> spec.key(8)),
                sets("key 1.2.3.4", spec -> spec.key(0x01020304)),
                sets("ikey 7", spec -> spec.inputKey(7)),
                sets("okey 8", spec -> spec.outputKey(8)),
                sets("ikey 7 okey 8", spec -> spec.inputKey(7).outputKey(8)),
                sets("key 7 okey 8", spec -> spec.inputKey(7).outputKey(8)),
                sets("key 7 noikey", spec -> spec.outputKey(7)),
                sets("key 7 nookey", spec -> spec.inputKey(7)),
                sets("nokey", spec -> spec),
                sets("nokey ikey 7", spec -> spec.inputKey(7)),
                sets("csum", spec -> spec.checksum(true)),
                sets("icsum", spec -> spec.inputChecksum(true)),
                sets("ocsum", spec -> spec.outputChecksum(true)),
                sets("nocsum", spec -> spec),
                sets("csum noicsum", spec -> spec.outputChecksum(true)),
                sets("csum noocsum", spec -> spec.inputChecksum(true)),
                sets("seq", spec -> spec.sequence(true)),
                sets("iseq", spec -> spec.inputSequence(true)),
                sets("oseq", spec -> spec.outputSequence(true)),
                sets("noseq", spec -> spec),
                sets("seq noiseq", spec -> spec.outputSequence(true)),
                sets("seq nooseq", spec -> spec.inputSequence(true)),
                sets("pmtudisc", spec -> spec.pmtudisc(true)),
                sets("nopmtudisc", spec -> spec.pmtudisc(false)),
                sets("nopmtudisc ttl 64", spec -> spec.pmtudisc(false).ttl(64)),
                sets("nopmtudisc ignore-df", spec -> spec.pmtudisc(false).ignoreDf(true)),
                sets("noignore-df", spec -> spec.ignoreDf(false)),
                sets("mtu 1400", spec -> spec.innerMtu(1400)),
                sets("mtu 68", spec -> spec.innerMtu(68)));
    }

    @ParameterizedTest
    @MethodSource("wordsOfIpv6")
    void everyWordOfAnOuterIpv6HeaderSetsWhatItSaysAndNothingElse(
            String words, UnaryOperator<TunnelSpecBuilder> expected) {
        TunnelSpecBuilder plain =
                TunnelSpec.builder("tun0", TunnelMode.IP6GRE)
                        .remote(AddressWords.address("2001:db8::2"));

        assertThat(parse("tun0 mode ip6gre remote 2001:db8::2 " + words).spec())
                .isEqualTo(expected.apply(plain).build());
    }

    static Stream<Arguments> wordsOfIpv6() {
        return Stream.of(
                sets("", spec -> spec.ttl(64).encapLimit(4)),
                sets("local ::", spec -> spec),
                sets("local fe80::1", spec -> spec.local(AddressWords.address("fe80::1"))),
                sets("ttl inherit", spec -> spec.ttl(Outer.TTL_INHERIT)),
                sets("hoplimit 0", spec -> spec.ttl(Outer.TTL_INHERIT)),
                sets("hoplimit 255", spec -> spec.ttl(255)),
                sets("tclass inherit", spec -> spec.trafficClass(OuterIpv6.INHERIT)),
                sets("tos b8", spec -> spec.trafficClass(0xb8)),
                sets("dsfield EF", spec -> spec.trafficClass(0xb8)),
                sets("flowlabel inherit", spec -> spec.flowLabel(OuterIpv6.INHERIT)),
                sets("flowlabel 0x12345", spec -> spec.flowLabel(0x12345)),
                sets("flowlabel 10", spec -> spec.flowLabel(0x10)),
                sets("encaplimit none", spec -> spec.encapLimit(OuterIpv6.NO_ENCAP_LIMIT)),
                sets("encaplimit 0", spec -> spec.encapLimit(0)),
                sets("encaplimit 255", spec -> spec.encapLimit(255)),
                sets("dscp inherit", spec -> spec.copiesDscp(true)),
                sets("allow-localremote", spec -> spec.allowsLocalRemote(true)),
                sets("noallow-localremote", spec -> spec));
    }

    @ParameterizedTest
    @CsvSource({
        "keepalive 10, 10000, 3, false",
        "keepalive 10:5, 10000, 5, false",
        "keepalive 0.1:255, 100, 255, false",
        "keepalive 1.234, 1234, 3, false",
        "keepalive 32767:1 keepalive-carrier, 32767000, 1, true",
        "keepalive-carrier keepalive 3, 3000, 3, true",
    })
    void aKeepaliveHasAPeriodAndRetries(
            String words, int periodMillis, int retries, boolean carrierFollows) {
        TunnelConfig config =
                TunnelWords.parse(List.of(("tun0 mode gre remote 192.0.2.2 " + words).split(" ")));
        assertThat(config.spec().device().keepalive())
                .isEqualTo(new KeepaliveSpec(periodMillis, retries, carrierFollows));
        assertThat(config.keepaliveAddress()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "ipip address 192.168.1.1 peer 192.168.1.2, 192.168.1.1, 192.168.1.2",
        "ipip address 10.0.0.1/24 address 192.168.1.1 peer 10.9.0.0/16, 192.168.1.1, 10.9.0.0",
        "ipip address 192.168.1.1/30, 192.168.1.1, 192.168.1.2",
        "ipip address 192.168.1.6/30, 192.168.1.6, 192.168.1.5",
        "ipip address 192.168.1.1/31, 192.168.1.1, 192.168.1.0",
        "sit address 2001:db8::7/127, 2001:db8::7, 2001:db8::6",
        "sit address 2001:db8::1 peer 2001:db8::2, 2001:db8::1, 2001:db8::2",
    })
    void anEchoGoesToTheOneOtherEnd(String words, String ours, String peers) {
        TunnelConfig config =
                TunnelWords.parse(
                        List.of(("tun0 remote 192.0.2.2 keepalive 5 mode " + words).split(" ")));
        InterfaceAddress address = config.keepaliveAddress();
        assertThat(AddressWords.text(address.address())).isEqualTo(ours);
        assertThat(AddressWords.text(address.otherEnd())).isEqualTo(peers);
    }

    @Test
    void everySpellingOfEveryWordIsTested() {
        Set<String> tested = new TreeSet<>();
        words().forEach(row -> tested.addAll(split((String) row.get()[0])));
        wordsOfIpv6().forEach(row -> tested.addAll(split((String) row.get()[0])));
        modes().forEach(row -> tested.addAll(split((String) row.get()[0])));
        // each of these has a test of its own
        tested.addAll(List.of("name", "remote", "address", "peer", "route", "offload"));
        tested.addAll(List.of("keepalive", "keepalive-carrier"));

        assertThat(tested).containsAll(Word.allSpellings());
    }

    @ParameterizedTest
    @CsvSource({"offload auto,AUTO", "offload on,ON", "offload off,OFF", "'',AUTO"})
    void offloadIsLeftToTheKernelUnlessItIsAskedFor(String words, Offload offload) {
        assertThat(parse("gre1 remote 192.0.2.2 " + words).offload()).isEqualTo(offload);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void modeAndTypeAreReadAsIpTunnelAndIpLinkReadThem(
            String words, TunnelMode mode, Payload payload) {
        String remote = mode.outerVersion() == 4 ? "192.0.2.2" : "2001:db8::2";
        TunnelSpec spec = parse(words + " remote " + remote).spec();

        assertThat(spec)
                .isEqualTo(
                        TunnelSpec.builder(spec.name(), mode)
                                .payload(payload)
                                .remote(AddressWords.address(remote))
                                .build());
    }

    static Stream<Arguments> modes() {
        return Stream.of(
                arguments("tun0 mode gre", TunnelMode.GRE, Payload.IP),
                arguments("tun0 mode gre/ip", TunnelMode.GRE, Payload.IP),
                arguments("tun0 mode ipip", TunnelMode.IPIP, Payload.IPV4),
                arguments("tun0 mode ip/ip", TunnelMode.IPIP, Payload.IPV4),
                arguments("tun0 mode sit", TunnelMode.SIT, Payload.IPV6),
                arguments("tun0 mode ipv6/ip", TunnelMode.SIT, Payload.IPV6),
                arguments("tun0 type gre", TunnelMode.GRE, Payload.IP),
                arguments("tun0 type ipip", TunnelMode.IPIP, Payload.IPV4),
                arguments("tun0 type sit", TunnelMode.SIT, Payload.IPV6),
                arguments("tun0 type sit mode ip6ip", TunnelMode.SIT, Payload.IPV6),
                arguments("tun0 type sit mode ipv6/ipv4", TunnelMode.SIT, Payload.IPV6),
                arguments("tun0 type sit mode ipip", TunnelMode.SIT, Payload.IPV4),
                arguments("tun0 type sit mode ip4ip4", TunnelMode.SIT, Payload.IPV4),
                arguments("tun0 type sit mode ipv4/ipv4", TunnelMode.SIT, Payload.IPV4),
                arguments("tun0 type sit mode any", TunnelMode.SIT, Payload.IP),
                arguments("tun0 type sit mode any/ipv4", TunnelMode.SIT, Payload.IP),
                arguments("tun0 mode any type sit", TunnelMode.SIT, Payload.IP),
                arguments("tun0 mode ipip type sit", TunnelMode.SIT, Payload.IPV4),
                arguments("tun0 type ipip mode ipip", TunnelMode.IPIP, Payload.IPV4),
                arguments("tun0 type ipip mode any", TunnelMode.IPIP, Payload.IPV4),
                arguments("tun0 mode sit any", TunnelMode.SIT, Payload.IP),
                arguments("tun0 mode sit ipip", TunnelMode.SIT, Payload.IPV4),
                arguments("tun0 mode sit ip6ip", TunnelMode.SIT, Payload.IPV6),
                arguments("tun0 mode sit mode any", TunnelMode.SIT, Payload.IP),
                arguments("tun0 mode sit mode ipip", TunnelMode.SIT, Payload.IPV4),
                arguments("tun0 mode any mode sit", TunnelMode.SIT, Payload.IP),
                arguments("tun0 mode ipip mode sit", TunnelMode.SIT, Payload.IPV4),
                arguments("tun0 mode ipip mode ipip", TunnelMode.IPIP, Payload.IPV4),
                arguments("tun0 type gretap", TunnelMode.GRETAP, Payload.ETHERNET),
                arguments("tun0 mode gretap", TunnelMode.GRETAP, Payload.ETHERNET),
                arguments("tun0 mode ip6gre", TunnelMode.IP6GRE, Payload.IP),
                arguments("tun0 mode gre/ipv6", TunnelMode.IP6GRE, Payload.IP),
                arguments("tun0 type ip6gretap", TunnelMode.IP6GRETAP, Payload.ETHERNET),
                arguments("tun0 mode ip6tnl", TunnelMode.IP6TNL, Payload.IP),
                arguments("tun0 mode any", TunnelMode.IP6TNL, Payload.IP),
                arguments("tun0 mode any/ipv6", TunnelMode.IP6TNL, Payload.IP),
                arguments("tun0 mode ipip6", TunnelMode.IP6TNL, Payload.IPV4),
                arguments("tun0 mode ip/ipv6", TunnelMode.IP6TNL, Payload.IPV4),
                arguments("tun0 mode ip6ip6", TunnelMode.IP6TNL, Payload.IPV6),
                arguments("tun0 mode ipv6/ipv6", TunnelMode.IP6TNL, Payload.IPV6),
                arguments("tun0 type ip6tnl", TunnelMode.IP6TNL, Payload.IP),
                arguments("tun0 type ip6tnl mode ip6ip6", TunnelMode.IP6TNL, Payload.IPV6),
                arguments("tun0 type ip6tnl mode ipip6", TunnelMode.IP6TNL, Payload.IPV4),
                arguments("tun0 type ip6tnl mode ip4ip6", TunnelMode.IP6TNL, Payload.IPV4),
                arguments("tun0 type ip6tnl mode any", TunnelMode.IP6TNL, Payload.IP),
                arguments("tun0 mode ip6tnl ipip6", TunnelMode.IP6TNL, Payload.IPV4),
                arguments("ip6gre7", TunnelMode.IP6GRE, Payload.IP),
                arguments("gretap7", TunnelMode.GRETAP, Payload.ETHERNET),
                arguments("gre7", TunnelMode.GRE, Payload.IP),
                arguments("ipip7", TunnelMode.IPIP, Payload.IPV4),
                arguments("sit7", TunnelMode.SIT, Payload.IPV6),
                arguments("gre7 mode sit", TunnelMode.SIT, Payload.IPV6));
    }

    @ParameterizedTest
    @CsvSource({
        "tun0 mode gre remote 192.0.2.2, tun0",
        "name tun0 mode gre remote 192.0.2.2, tun0",
        "mode gre name tun0 remote 192.0.2.2, tun0",
        "mode gre remote 192.0.2.2 tun0, tun0",
        "name mtu mode gre remote 192.0.2.2, mtu",
        "mode gre remote 192.0.2.2 name name, name",
        "@home mode gre remote 192.0.2.2, @home",
        "isatap mode gre remote 192.0.2.2, isatap"
    })
    void theNameIsFoundWhereItStands(String words, String name) {
        assertThat(parse(words).spec().name()).isEqualTo(name);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void theOrderOfWordsDoesNotMatter(long seed) {
        List<String> phrases =
                new ArrayList<>(
                        List.of(
                                "name tun0",
                                "mode gre",
                                "remote 192.0.2.2",
                                "local 192.0.2.1",
                                "dev eth0",
                                "ttl 64",
                                "tos inherit/10",
                                "ikey 7",
                                "okey 8",
                                "csum",
                                "oseq",
                                "nopmtudisc",
                                "ignore-df",
                                "mtu 1400",
                                "address 198.51.100.1 peer 198.51.100.2",
                                "route 203.0.113.0/24"));
        TunnelConfig inOrder = parse(String.join(" ", phrases));
        Collections.shuffle(phrases, new Random(seed));

        TunnelConfig shuffled = parse(String.join(" ", phrases));

        assertThat(shuffled).as("seed %d: %s", seed, phrases).isEqualTo(inOrder);
    }

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    @ParameterizedTest
    @CsvSource({
        "address 192.168.1.1/30, 192.168.1.1/30",
        "address 192.168.1.1, 192.168.1.1/32",
        "address 192.168.1.1 peer 192.168.1.2, 192.168.1.1 peer 192.168.1.2/32",
        "address 192.168.1.1 peer 192.168.1.2/30, 192.168.1.1 peer 192.168.1.2/30",
        "address 192.168.1.1/32 peer 192.168.1.2/30, 192.168.1.1 peer 192.168.1.2/30",
        "address 2001:db8::1/64, 2001:db8::1/64",
        "address 2001:DB8:0:0::1, 2001:db8::1/128",
        "address 2001:db8::1 peer 2001:db8::2, 2001:db8::1 peer 2001:db8::2/128"
    })
    void anAddressIsReadAsIpAddrReadsIt(String words, String expected) {
        TunnelConfig config = parse(PLAIN + words);

        assertThat(config.addresses())
                .extracting(InterfaceAddress::toString)
                .containsExactly(expected);
        assertThat(config.routes()).isEmpty();
        assertThat(config.spec()).isEqualTo(plain().build());
    }

    @ParameterizedTest
    @CsvSource({
        "route 172.31.240.0/20, 172.31.240.0/20",
        "route 192.0.2.7, 192.0.2.7/32",
        "route 0.0.0.0/0, 0.0.0.0/0",
        "route default, 0.0.0.0/0",
        "route 2001:db8::/32, 2001:db8::/32",
        "route ::/0, ::/0"
    })
    void aRouteIsReadAsIpRouteReadsIt(String words, String expected) {
        TunnelConfig config = parse(PLAIN + words);

        assertThat(config.routes()).extracting(Prefix::toString).containsExactly(expected);
        assertThat(config.addresses()).isEmpty();
        assertThat(config.spec()).isEqualTo(plain().build());
    }

    @Test
    void addressesAndRoutesMayBeRepeatedAndKeepTheirOrder() {
        TunnelConfig config =
                parse(
                        PLAIN
                                + "route 203.0.113.0/24 address 192.168.1.1/30"
                                + " route 198.51.100.0/24 address 2001:db8::1/64");

        assertThat(config.routes()).hasToString("[203.0.113.0/24, 198.51.100.0/24]");
        assertThat(config.addresses()).hasToString("[192.168.1.1/30, 2001:db8::1/64]");
    }

    private static Arguments sets(String words, UnaryOperator<TunnelSpecBuilder> expected) {
        return arguments(words, expected);
    }

    private static TunnelSpecBuilder plain() {
        return TunnelSpec.builder("tun0", TunnelMode.GRE).remote(AddressWords.ipv4("192.0.2.2"));
    }

    private static TunnelConfig parse(String words) {
        return TunnelWords.parse(split(words));
    }

    private static List<String> split(String words) {
        return words.isBlank() ? List.of() : Arrays.asList(words.strip().split("\\s+"));
    }
}

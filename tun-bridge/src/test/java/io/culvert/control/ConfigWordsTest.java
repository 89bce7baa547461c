package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigWordsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "tun0 mode gre remote 192.0.2.2",
                "tun0 mode gre remote 192.0.2.2 local 192.0.2.1 key 7 csum seq ttl 64",
                "tun0 mode gre remote 192.0.2.2 ikey 4294967295 okey 1.2.3.4 icsum oseq",
                "tun0 mode gre remote 192.0.2.2 tos inherit nopmtudisc ignore-df mtu 1400",
                "tun0 mode gre remote 192.0.2.2 tos inherit/10 dev eth0",
                "tun0 mode gre remote 192.0.2.2 keepalive 0.5:9 keepalive-carrier offload off",
                "tun0 mode gre remote 192.0.2.2 ikey 7 icsum iseq keepalive 10 offload on",
                "tun0 mode gre remote 192.0.2.2 tos b8 address 198.51.100.1/30",
                "remote mode ipip remote 192.0.2.2 address 198.51.100.1 peer 198.51.100.2",
                "tun0 mode ipip remote 192.0.2.2 address 198.51.100.1 peer 203.0.113.0/24",
                "tun0 mode sit remote 192.0.2.2 address 2001:db8::1/64 route 2001:db8:9::/48",
                "tun0 mode sit any remote 192.0.2.2 route 203.0.113.0/24",
                "tun0 mode sit ipip remote 192.0.2.2",
                "tun0 mode gretap remote 192.0.2.2 key 7 address 198.51.100.1/30",
                "tun0 mode ip6gre remote 2001:db8::2 local 2001:db8::1 dev eth0 key 7 csum seq",
                "tun0 mode ip6gre remote 2001:db8::2 hoplimit inherit tclass inherit flowlabel"
                        + " inherit encaplimit none",
                "tun0 mode ip6gretap remote 2001:db8::2 flowlabel abcde encaplimit 0 tclass b8",
                "tun0 mode ip6tnl remote 2001:db8::2 dscp inherit allow-localremote ttl 255",
                "tun0 mode ipip6 remote 2001:db8::2 route 203.0.113.0/24",
                "tun0 mode ip6tnl ip6ip6 remote 2001:db8::2 mtu 1400",
            })
    void whatIsWrittenIsReadAsTheSameTunnel(String words) {
        List<String> given =
                words.startsWith("remote ")
                        ? Arrays.asList(("name " + words).split(" "))
                        : Arrays.asList(words.split(" "));
        TunnelConfig config = TunnelWords.parse(given);

        assertThat(TunnelWords.parse(ConfigWords.of(config))).isEqualTo(config);
    }

    @Test
    void aPersonTypesTheNameAloneAndOneWordForBothWays() {
        String words = "tun0 mode gre remote 192.0.2.2 key 7 csum seq";

        assertThat(ConfigWords.text(TunnelWords.parse(Arrays.asList(words.split(" ")))))
                .isEqualTo(words);
    }

    @Test
    void whatIsAsByDefaultIsNotSaid() {
        TunnelConfig config =
                TunnelWords.parse(List.of("tun0", "mode", "gre", "remote", "192.0.2.2"));

        assertThat(ConfigWords.of(config))
                .containsExactly("name", "tun0", "mode", "gre", "remote", "192.0.2.2");
    }
}

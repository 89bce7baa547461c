package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UpLineTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mode gre local 192.0.2.1"
                        + "| tun0: up, gre 192.0.2.1 -> 192.0.2.2, mtu 1400, ttl inherit, pmtudisc",
                "mode ipip ttl 64 nopmtudisc"
                        + "| tun0: up, ipip any -> 192.0.2.2, mtu 1400, ttl 64, nopmtudisc",
                "mode sit tos 10 dev eth0"
                        + "| tun0: up, sit any -> 192.0.2.2, dev eth0, mtu 1400, ttl inherit,"
                        + " tos 0x10, pmtudisc",
                "mode sit any tos inherit| tun0: up, sit any any -> 192.0.2.2, mtu 1400, ttl"
                        + " inherit, tos inherit, pmtudisc",
                "mode gre tos inherit/10 key 4294967295 csum iseq nopmtudisc ignore-df"
                        + "| tun0: up, gre any -> 192.0.2.2, mtu 1400, ttl inherit,"
                        + " tos inherit/0x10, key 4294967295, csum, iseq, nopmtudisc, ignore-df",
                "mode gre ikey 7 okey 8 ocsum seq"
                        + "| tun0: up, gre any -> 192.0.2.2, mtu 1400, ttl inherit, ikey 7, okey 8,"
                        + " ocsum, seq, pmtudisc",
                "mode gre keepalive 10| tun0: up, gre any -> 192.0.2.2, mtu 1400, ttl inherit,"
                        + " pmtudisc, keepalive 10:3",
                "mode gre keepalive-carrier keepalive 0.5:2 ignore-df nopmtudisc| tun0: up, gre"
                        + " any -> 192.0.2.2, mtu 1400, ttl inherit, nopmtudisc, ignore-df,"
                        + " keepalive 0.5:2, keepalive-carrier",
                "mode gre okey 8| tun0: up, gre any -> 192.0.2.2, mtu 1400, ttl inherit, okey 8,"
                        + " pmtudisc"
            })
    void theLineSaysWhatIsNotByDefault(String words, String line) {
        TunnelConfig config =
                TunnelWords.parse(Arrays.asList(("tun0 remote 192.0.2.2 " + words).split(" ")));

        assertThat(UpLine.of(config.spec(), "up", 1400, "", "")).isEqualTo(line);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mode ip6gre key 7| tun0: up, ip6gre any -> 2001:db8::2, mtu 1400, hoplimit 64,"
                        + " encaplimit 4, key 7",
                "mode ip6gretap encaplimit none flowlabel abcde| tun0: up, ip6gretap any ->"
                        + " 2001:db8::2, mtu 1400, hoplimit 64, encaplimit none, flowlabel 0xabcde",
                "mode ipip6 tclass inherit ttl inherit dscp inherit| tun0: up, ip6tnl ipip6 any ->"
                        + " 2001:db8::2, mtu 1400, hoplimit inherit, encaplimit 4, tclass inherit,"
                        + " dscp inherit",
                "mode any dev eth0| tun0: up, ip6tnl any -> 2001:db8::2, dev eth0, mtu 1400,"
                        + " hoplimit 64, encaplimit 4"
            })
    void theLineOfATunnelOverIpv6SaysWhatThatHeaderHas(String words, String line) {
        TunnelConfig config =
                TunnelWords.parse(Arrays.asList(("tun0 remote 2001:db8::2 " + words).split(" ")));

        assertThat(UpLine.of(config.spec(), "up", 1400, "", "")).isEqualTo(line);
    }
}

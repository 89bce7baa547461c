package io.culvert.doctor.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.wire.Ipv4Address;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules as nft 1.0.6 printed them, both ways. */
final class NftRulesetTest {
    private static final String LOCAL = "192.0.2.1";

    private final Filter filter =
            NftRuleset.read(recorded("nft-1.0.6.json"), recorded("nft-1.0.6.txt"));

    @ParameterizedTest
    @CsvSource({
        // protocol, source, device, fate, because
        "4, 192.0.2.7, eth0, PASSES, ",
        "4, 192.0.2.9, eth0, REJECTED, reject with icmp port-unreachable",
        "41, 198.51.100.5, eth0, REJECTED, reject with icmp port-unreachable",
        "41, 203.0.113.5, eth0, REJECTED, reject with icmp port-unreachable",
        "47, 192.0.2.2, eth0, DROPPED, ip protocol gre drop",
        "47, 192.0.2.2, lo, DROPPED, ip protocol gre drop",
        "4, 192.0.2.9, lo, PASSES, ",
        "132, 192.0.2.9, eth0, REJECTED, reject with icmp port-unreachable",
    })
    void aPacketMeetsTheRuleThatStopsIt(
            int protocol, String source, String device, Fate.Kind kind, String because) {
        Fate fate = filter.fate(Hook.INBOUND, flow(protocol, source, device));

        assertThat(fate.kind()).isEqualTo(kind);
        assertThat(fate.because()).isEqualTo(because == null ? "" : because);
    }

    @Test
    void answersPassWhereBeginningsDoNot() {
        Flow beginning = flow(4, "192.0.2.9", "eth0");

        assertThat(filter.fate(Hook.INBOUND, beginning).kind()).isEqualTo(Fate.Kind.REJECTED);
        assertThat(filter.fate(Hook.INBOUND, beginning.in(ConnectionState.ESTABLISHED)))
                .isEqualTo(Fate.PASSES);
    }

    @Test
    void aHookWithoutChainsLetsEverythingPass() {
        assertThat(filter.fate(Hook.OUTBOUND, flow(47, LOCAL, ""))).isEqualTo(Fate.PASSES);
        assertThat(filter.fate(Hook.FORWARDED, Flow.anyFrom("tun0"))).isEqualTo(Fate.PASSES);
    }

    @Test
    void theCommandThatOpensNamesTableAndChain() {
        Fate fate = filter.fate(Hook.INBOUND, flow(4, "192.0.2.9", "eth0"));

        assertThat(filter.openInbound(fate, 4, "192.0.2.9"))
                .isEqualTo(
                        "nft insert rule inet filter input ip saddr 192.0.2.9 ip protocol 4"
                                + " accept");
    }

    @Test
    void noRulesStopNothing() {
        Filter empty = NftRuleset.read("{\"nftables\": [{\"metainfo\": {}}]}", "");

        assertThat(empty.fate(Hook.INBOUND, flow(47, "192.0.2.2", "eth0"))).isEqualTo(Fate.PASSES);
    }

    @Test
    void whatIsNoRulesetIsRefused() {
        assertThatThrownBy(() -> NftRuleset.read("[]", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nftables");
        assertThatThrownBy(() -> NftRuleset.read("", ""))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Flow flow(int protocol, String source, String device) {
        return new Flow(
                protocol,
                Ipv4Address.parse(source),
                Ipv4Address.parse(LOCAL),
                device,
                "",
                ConnectionState.NEW);
    }

    private static String recorded(String file) {
        try (InputStream in = NftRulesetTest.class.getResourceAsStream(file)) {
            return new String(
                    Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}

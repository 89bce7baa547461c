package io.culvert.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CulvertSummaryTest {
    @Test
    void countsAndDropsAreReadForTheTunnelThatWasAskedFor() {
        CulvertSummary summary =
                CulvertSummary.parse(
                        "cvt0",
                        List.of(
                                "cvt0 up 12.345 seconds",
                                "cvt0 in 123 packets 4567 bytes",
                                "cvt0 out 120 packets 4400 bytes",
                                "cvt0 drop key-mismatch 5 packets: the packet's key is not the"
                                        + " tunnel's",
                                "cvt0 fragments 6 packets",
                                "cvt0 keepalive-out 11 packets 10 answered 1 lost",
                                "cvt0 keepalive-in 15 packets 5 answered for the peer",
                                "cvt0 icmp-out 7 errors to inner senders",
                                "cvt0 icmp-in 3 errors about outer packets, the last: x",
                                "lane/0 missed 4 packets: a socket's receive buffer was full",
                                "cvt1 in 9 packets 900 bytes",
                                "cvt1 drop too-big 8 packets: larger than the path allows",
                                "lane/0 in 130 packets 7000 bytes",
                                "lane/0 drop no-tunnel 2 packets: no tunnel has these addresses",
                                "lane/1 in 1 packets 28 bytes"));
        assertThat(summary.packetsIn()).isEqualTo(123);
        assertThat(summary.packetsOut()).isEqualTo(120);
        assertThat(summary.packetsRead()).isEqualTo(131);
        assertThat(summary.packetsMissed()).isEqualTo(4);
        assertThat(summary.fragments()).isEqualTo(6);
        assertThat(summary.keepalivesOut()).isEqualTo(11);
        assertThat(summary.keepalivesIn()).isEqualTo(15);
        assertThat(summary.icmpErrorsOut()).isEqualTo(7);
        assertThat(summary.icmpErrorsIn()).isEqualTo(3);
        assertThat(summary.drops()).containsOnlyKeys("key-mismatch").containsValue(5L);
        assertThat(summary.packetsOfNoTunnel()).containsOnlyKeys("no-tunnel").containsValue(2L);
    }

    @Test
    void linesWithoutCountsAreNoSummary() {
        assertThatThrownBy(() -> CulvertSummary.parse("cvt0", List.of("cvt0: up, gre")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

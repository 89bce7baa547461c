package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.KeepaliveCounts;
import io.culvert.control.LaneCounts;
import io.culvert.control.Summary;
import io.culvert.control.TunnelCounts;
import io.culvert.packet.DropReason;
import io.culvert.tunnel.PeerHealth;
import io.culvert.tunnel.PeerHealth.State;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SummaryTextTest {
    @Test
    void everyLineBeginsWithWhomItIsAbout() {
        TunnelCounts busy =
                new TunnelCounts(
                        "tun0",
                        123,
                        4567,
                        120,
                        4400,
                        6,
                        1,
                        2,
                        "port unreachable (3/3) from 192.0.2.2",
                        new KeepaliveCounts(
                                61,
                                67,
                                7,
                                new PeerHealth(
                                        State.ANSWERING,
                                        610_001_000_000L,
                                        61,
                                        60,
                                        1,
                                        4_210_000_000L,
                                        412_000,
                                        301_000,
                                        2_044_400)),
                        Map.of(DropReason.TOO_BIG, 1L, DropReason.KEY_MISMATCH, 5L));
        TunnelCounts idle =
                new TunnelCounts("tun1", 0, 0, 0, 0, 0, 0, 0, "", KeepaliveCounts.NONE, Map.of());
        LaneCounts lane = new LaneCounts(0, 130, 4, Map.of(DropReason.NO_TUNNEL, 2L));

        assertThat(text(new Summary(Duration.ofMillis(12_345), List.of(busy, idle), List.of(lane))))
                .isEqualTo(
                        """
                        tun0 up 12.345 seconds
                        tun0 in 123 packets 4567 bytes
                        tun0 out 120 packets 4400 bytes
                        tun0 fragments 6 packets
                        tun0 icmp-out 1 errors to inner senders
                        tun0 icmp-in 2 errors about outer packets, the last: port unreachable \
                        (3/3) from 192.0.2.2
                        tun0 keepalive-out 61 packets 60 answered 1 lost
                        tun0 keepalive-in 67 packets 7 answered for the peer
                        tun0 peer answers for 610.001 s, last 4.210 s ago, round trip 0.412 ms \
                        (0.301 to 2.044)
                        tun0 drop key-mismatch 5 packets: the packet's key is not the tunnel's
                        tun0 drop too-big 1 packets: larger than the path allows; the sender was \
                        told by ICMP
                        tun1 up 12.345 seconds
                        tun1 in 0 packets 0 bytes
                        tun1 out 0 packets 0 bytes
                        lane/0 in 130 packets
                        lane/0 missed 4 packets: a socket's receive buffer was full
                        lane/0 drop no-tunnel 2 packets: no tunnel has these outer addresses
                        """);
    }

    @Test
    void whatDidNotHappenHasNoLine() {
        LaneCounts lane = new LaneCounts(1, 0, 0, Map.of(DropReason.NO_TUNNEL, 0L));

        assertThat(text(new Summary(Duration.ZERO, List.of(), List.of(lane))))
                .isEqualTo("lane/1 in 0 packets\n");
    }

    @Test
    void aPeerThatNeverAnsweredHasNoTimes() {
        for (State state : List.of(State.UNKNOWN, State.GONE)) {
            PeerHealth peer = new PeerHealth(state, 1_500_000_000, 2, 0, 1, -1, -1, -1, -1);
            TunnelCounts counts =
                    new TunnelCounts(
                            "tun0",
                            0,
                            0,
                            0,
                            0,
                            0,
                            0,
                            0,
                            "",
                            new KeepaliveCounts(2, 0, 0, peer),
                            Map.of());
            assertThat(text(new Summary(Duration.ZERO, List.of(counts), List.of())))
                    .endsWith(
                            "tun0 keepalive-out 2 packets 0 answered 1 lost\ntun0 peer "
                                    + (state == State.GONE ? "gone" : "unknown")
                                    + " for 1.500 s\n");
        }
    }

    @Test
    void theUsersLanguageDoesNotChangeNumbers() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG"));
        try {
            TunnelCounts counts =
                    new TunnelCounts(
                            "tun0", 1234567, 0, 0, 0, 0, 0, 0, "", KeepaliveCounts.NONE, Map.of());
            assertThat(text(new Summary(Duration.ofMillis(1_500), List.of(counts), List.of())))
                    .startsWith("tun0 up 1.500 seconds\ntun0 in 1234567 packets 0 bytes\n");
        } finally {
            Locale.setDefault(before);
        }
    }

    private static String text(Summary summary) {
        return SummaryText.of(summary);
    }
}

package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.PacketCapture;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tunnels that are bound to one underlay device each, between the same two addresses. */
@NeedsRoot(programs = {"ping", "tcpdump"})
@Timeout(60)
class TwoLinksTest {
    @Test
    void eachTunnelSendsAndTakesOnlyByItsOwnDevice() {
        try (Cable cable = new Cable()) {
            NetworkNamespace left = cable.left();
            NetworkNamespace right = cable.right();
            NetworkNamespace.connect(left, "eth1", right, "eth1");
            // the same addresses on both links: only the device tells the tunnels apart
            left.run("ip route add 192.0.2.2 dev eth1 metric 10");
            right.run("ip route add 192.0.2.1 dev eth1 metric 10");
            CulvertProcess peer = CulvertProcess.startFile(right, tunnels(2));
            CulvertProcess culvert = CulvertProcess.startFile(left, tunnels(1));
            culvert.awaitUp();
            peer.awaitUp();
            PacketCapture first = PacketCapture.start(left, "eth0");
            PacketCapture second = PacketCapture.start(left, "eth1");

            assertThat(Pinging.output(left, "198.51.100.2", 3)).contains("3 received");
            assertThat(Pinging.output(left, "198.51.100.6", 2)).contains("2 received");

            first.stop();
            second.stop();
            assertThat(first.decode("ip proto 47")).hasSize(6);
            assertThat(second.decode("ip proto 47")).hasSize(4);
            assertThat(culvert.summary("a").packetsIn()).isEqualTo(3);
            assertThat(culvert.summary("b").packetsIn()).isEqualTo(2);
            assertThat(culvert.summary("a").packetsOfNoTunnel()).isEmpty();
            assertThat(first.decode("icmp")).isEmpty();
            assertThat(second.decode("icmp")).isEmpty();

            left.run("ip link set eth1 down");
            assertThat(Pinging.output(left, "198.51.100.6", 2)).contains("0 received");
            assertThat(Pinging.output(left, "198.51.100.2", 2)).contains("2 received");
            assertThat(culvert.summary("a").drops()).isEmpty();
            assertThat(culvert.summary("b").drops().keySet())
                    .isSubsetOf("no-route", "underlay-down")
                    .isNotEmpty();
        }
    }

    private static List<String> tunnels(int host) {
        String ends = " mode gre local 192.0.2.%d remote 192.0.2.%d".formatted(host, 3 - host);
        return List.of(
                "a" + ends + " dev eth0 address 198.51.100." + host + "/30",
                "b" + ends + " dev eth1 address 198.51.100." + (4 + host) + "/30");
    }
}

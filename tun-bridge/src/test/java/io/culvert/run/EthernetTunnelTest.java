package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.CulvertSummary;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import io.culvert.peers.PacketCapture;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two Ethernet segments as one: the hosts at both ends bridge a port of theirs with a tunnel for
 * Ethernet, and what is behind the ports is on one link.
 *
 * <pre>
 *   desk ---- left (br0: port, t0) ======= right (br0: port, t0) ---- printer
 * </pre>
 */
@NeedsRoot(programs = {"ping", "tcpdump", "scapy"})
@Timeout(60)
class EthernetTunnelTest {
    private static final String DESK = "198.51.100.1";
    private static final String PRINTER = "198.51.100.2";
    private static final String PRINTER6 = "2001:db8:100::2";

    private Cable cable;
    private NetworkNamespace desk;
    private NetworkNamespace printer;

    @BeforeEach
    void layTheSegments() {
        cable = new Cable();
        for (NetworkNamespace host : List.of(cable.left(), cable.right())) {
            host.exec("sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6");
        }
        cable.left().run("ip addr add 2001:db8::1/64 dev eth0 nodad");
        cable.right().run("ip addr add 2001:db8::2/64 dev eth0 nodad");
        desk = segment("desk", cable.left(), DESK, "2001:db8:100::1");
        printer = segment("printer", cable.right(), PRINTER, PRINTER6);
    }

    private static NetworkNamespace segment(
            String label, NetworkNamespace gateway, String address, String address6) {
        NetworkNamespace host = NetworkNamespace.create(label);
        NetworkNamespace.connect(host, "eth0", gateway, "port");
        host.run("ip addr add " + address + "/24 dev eth0");
        host.run("ip addr add " + address6 + "/64 dev eth0 nodad");
        gateway.run("ip link add br0 type bridge");
        gateway.run("ip link set br0 up");
        gateway.run("ip link set port master br0");
        return host;
    }

    @AfterEach
    void takeThemAway() {
        List.of(desk, printer).forEach(NetworkNamespace::close);
        cable.close();
    }

    private CulvertProcess raise(NetworkNamespace gateway, String words) {
        CulvertProcess culvert = CulvertProcess.run(gateway, "t0", words);
        gateway.run("ip link set t0 master br0");
        return culvert;
    }

    private static String ends(String mode, int side) {
        String form = mode.startsWith("ip6") ? "2001:db8::%d" : "192.0.2.%d";
        return "mode %s local %s remote %s"
                .formatted(mode, form.formatted(side), form.formatted(3 - side));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gretap", "gretap key 7 csum seq", "ip6gretap", "ip6gretap key 7 csum"})
    void whatIsBehindBothEndsIsOnOneLink(String mode) throws Exception {
        String kind = mode.split(" ")[0];
        String options = mode.substring(kind.length());
        CulvertProcess left = raise(cable.left(), ends(kind, 1) + options);
        CulvertProcess right = raise(cable.right(), ends(kind, 2) + options);
        for (String address : List.of(PRINTER, PRINTER6)) {
            Eventually.isTrue(address + " answers", () -> Pinging.answers(desk, address));
            for (String size : List.of("56", "1300")) {
                assertThat(Pinging.output(desk, address, 3, "-s", size)).contains("3 received");
            }
        }
        assertThat(desk.run("ip neigh show " + PRINTER).stdout()).contains("lladdr");

        // the segments' own MTU is that of the tunnel, as it must be on one link
        int mtu = linkMtu(cable.left(), "t0");
        desk.run("ip link set eth0 mtu " + mtu);
        printer.run("ip link set eth0 mtu " + mtu);
        assertThat(Pinging.output(desk, PRINTER, 3, "-s", "4000")).contains("3 received");
        try (TcpStream stream = new TcpStream(desk, printer, PRINTER)) {
            stream.awaitMore(8 << 20);
            assertThat(stream.endsWhole()).isTrue();
        }
        try (TcpStream stream = new TcpStream(printer, desk, "2001:db8:100::1")) {
            stream.awaitMore(8 << 20);
            assertThat(stream.endsWhole()).isTrue();
        }
        for (CulvertProcess end : List.of(left, right)) {
            CulvertSummary summary = end.summary();
            assertThat(summary.drops().keySet()).isSubsetOf("device-queue-full");
            assertThat(summary.packetsMissed()).isZero();
        }
        long onTheWire = left.summary().packetsOut();
        assertThat(packets(cable.left(), "tx"))
                .as("packets that the device handed over, of %d on the wire", onTheWire)
                .isLessThan(onTheWire * 2 / 3);
        long arrived = right.summary().packetsIn();
        assertThat(packets(cable.right(), "rx"))
                .as("packets that the device took, of %d on the wire", arrived)
                .isLessThan(arrived * 2 / 3);
    }

    @Test
    void tagsAndUnknownProtocolsPassAsTheyAre() {
        CulvertProcess left = raise(cable.left(), ends("gretap", 1));
        CulvertProcess right = raise(cable.right(), ends("gretap", 2));
        Eventually.isTrue("frames pass", () -> Pinging.answers(desk, PRINTER));
        try (PacketCapture capture = PacketCapture.start(printer, "eth0")) {
            desk.exec(
                    "/usr/bin/python3",
                    "-c",
                    """
                    from scapy.all import *
                    e = Ether(src='02:00:00:00:00:01', dst='ff:ff:ff:ff:ff:ff')
                    sendp([e/Dot1Q(vlan=7)/IP(src='198.51.100.9', dst='198.51.100.8')/UDP(dport=9)/'tagged',
                           e/Dot1Q(vlan=8, type=0x88a8)/Dot1Q(vlan=9)/IP(src='198.51.100.9')/UDP(),
                           Ether(src='02:00:00:00:00:01', dst='ff:ff:ff:ff:ff:ff', type=0x88b5)/('z'*50)],
                          iface='eth0', verbose=0)
                    """);
            Eventually.isTrue(
                    "all three arrive",
                    () -> {
                        CulvertSummary summary = right.summary();
                        return summary.packetsIn() >= 5 && summary.drops().isEmpty();
                    });
            Eventually.isTrue(
                    "and are seen",
                    () -> capture.decode("ether src 02:00:00:00:00:01").size() >= 3);
            capture.stop();
            assertThat(capture.decode("ether proto 0x88b5")).hasSize(1);
            assertThat(capture.decode("vlan 7 and udp dst port 9")).hasSize(1);
        }
        assertThat(left.summary().drops()).isEmpty();
    }

    @Test
    void aTunDeviceIsNotTakenForATapDevice() {
        cable.left().run("ip tuntap add dev t0 mode tun");
        Outcome refused = CulvertProcess.refuse(cable.left(), "t0", ends("gretap", 1));
        assertThat(refused.exitStatus()).isEqualTo(1);
        assertThat(refused.stderr())
                .contains("cannot attach to t0: EINVAL")
                .contains("it is no TAP device (ip -d link show t0)");
        cable.left().run("ip tuntap del dev t0 mode tun");

        cable.left().run("ip tuntap add dev t0 mode tap");
        String mac = mac(cable.left());
        CulvertProcess culvert = CulvertProcess.run(cable.left(), "t0", ends("gretap", 1));
        assertThat(mac(cable.left())).isEqualTo(mac);
        assertThat(cable.left().run("ip -o link show t0").stdout())
                .contains("mtu 1462", "<BROADCAST,MULTICAST,UP");
        assertThat(culvert.stop().drops()).isEmpty();
        assertThat(mac(cable.left())).as("a persistent device stays").isEqualTo(mac);
    }

    private static String mac(NetworkNamespace host) {
        return host.run("cat /sys/class/net/t0/address").stdout().strip();
    }

    private static int linkMtu(NetworkNamespace host, String device) {
        return Integer.parseInt(host.run("cat /sys/class/net/" + device + "/mtu").stdout().strip());
    }

    private static long packets(NetworkNamespace host, String direction) {
        return Long.parseLong(
                host.run("cat /sys/class/net/t0/statistics/%s_packets".formatted(direction))
                        .stdout()
                        .strip());
    }
}

package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.Kernels;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packets that a host does not send, for one reason or another. */
@NeedsRoot
class RawIpSocketRefusalTest {
    private RawIpHost host;

    @BeforeEach
    void makeHost() {
        host = new RawIpHost();
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    @Test
    void anIpsecPolicyThatRefusesTheProtocolIsObeyed() throws Exception {
        Kernels.assumePacketsStateTheirProtocol();
        NetworkNamespace namespace = host.namespace();
        assumeTrue(
                namespace.attempt("ip", "xfrm", "policy").succeeded(),
                "this kernel has no IPsec at all");
        namespace.run("ip link add eth0 type veth peer name eth1");
        namespace.run("ip link set eth1 up");
        namespace.run("ip link set eth0 up");
        namespace.address("eth0", "192.0.2.1/24");
        namespace.run(
                "ip xfrm policy add src 0.0.0.0/0 dst 0.0.0.0/0 proto gre dir out action block");
        try (RawIpSocket gre = host.open(RawIpOptions.DEFAULTS);
                RawIpSocket ipip = host.open(4, RawIpOptions.DEFAULTS)) {
            PacketBatch refused = Packets.batch(2);
            Packets.append(refused, RawIpHost.greTo("192.0.2.2"));
            refused.tunnel(Packets.append(refused, RawIpHost.greTo("192.0.2.2")), 1);
            gre.boundLink(1, RawIpHost.index(namespace, "eth0"));
            assertThat(gre.writeBatch(refused, 0)).isEqualTo(2);
            assertThat(RawIpHost.reasons(refused)).containsOnly(DropReason.UNDERLAY_FORBIDDEN);

            PacketBatch sent = Packets.batch(1);
            Packets.append(sent, Packets.ipv4(4, "0.0.0.0", "192.0.2.2", "another protocol's"));
            assertThat(ipip.writeBatch(sent, 0)).isEqualTo(1);
            assertThat(RawIpHost.reasons(sent)).containsOnlyNulls();
        }
    }

    @Test
    void whatCannotBeSentIsDroppedForItsReasonAndTheRestGoes() throws Exception {
        host.namespace().run("ip link set lo mtu 1500");
        host.namespace().run("ip route add prohibit 198.51.100.1");
        host.namespace().run("ip route add unreachable 198.51.100.2");
        host.namespace().run("ip route add blackhole 198.51.100.3");
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            PacketBatch sent = Packets.batch(9);
            Packets.append(sent, RawIpHost.gre("first"));
            Packets.append(sent, RawIpHost.greTo("203.0.113.1"));
            Packets.append(sent, RawIpHost.greTo("198.51.100.1"));
            Packets.append(sent, RawIpHost.greTo("198.51.100.2"));
            Packets.append(sent, RawIpHost.gre("middle"));
            Packets.append(sent, RawIpHost.greTo("198.51.100.3"));
            Packets.append(
                    sent,
                    Packets.ipv4(Packets.GRE, RawIpHost.OURS, RawIpHost.THEIRS, new byte[1481]));
            sent.tunnel(Packets.append(sent, RawIpHost.gre("by a link that is not")), 5);
            Packets.append(sent, RawIpHost.gre("last"));
            socket.boundLink(5, 12_345);

            assertThat(socket.writeBatch(sent, 0)).isEqualTo(9);

            assertThat(RawIpHost.reasons(sent))
                    .containsExactly(
                            null,
                            DropReason.NO_ROUTE,
                            DropReason.NO_ROUTE,
                            DropReason.NO_ROUTE,
                            null,
                            DropReason.UNDERLAY_REFUSED,
                            DropReason.UNDERLAY_TOO_BIG,
                            DropReason.UNDERLAY_DOWN,
                            null);
            PacketBatch received = Packets.batch(9);
            assertThat(socket.readBatch(received)).isEqualTo(3);
            assertThat(Packets.payload(received, 0)).isEqualTo("first");
            assertThat(Packets.payload(received, 1)).isEqualTo("middle");
            assertThat(Packets.payload(received, 2)).isEqualTo("last");
        }
    }

    @Test
    @NeedsRoot(programs = "nft")
    void aFirewallThatForbidsSendingIsToldApart() throws Exception {
        host.namespace().run("nft add table ip t");
        host.namespace().exec("nft", "add chain ip t out { type filter hook output priority 0; }");
        host.namespace().run("nft add rule ip t out ip protocol gre drop");
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            PacketBatch sent = Packets.batch(1);
            Packets.append(sent, RawIpHost.gre("x"));
            assertThat(socket.writeBatch(sent, 0)).isEqualTo(1);
            assertThat(sent.dropReason(0)).isEqualTo(DropReason.UNDERLAY_FORBIDDEN);
            assertThat(socket.readBatch(Packets.batch(1))).isZero();
        }
    }

    @Test
    void aLinkThatIsDownHasNoRoutes() throws Exception {
        host.namespace().run("ip link add eth0 type veth peer name eth1");
        host.namespace().run("ip addr add 192.0.2.1/24 dev eth0");
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            PacketBatch sent = Packets.batch(2);
            Packets.append(sent, RawIpHost.greTo("192.0.2.2"));
            sent.tunnel(Packets.append(sent, RawIpHost.greTo("192.0.2.2")), 0);
            socket.boundLink(0, RawIpHost.index(host.namespace(), "eth0"));
            assertThat(socket.writeBatch(sent, 0)).isEqualTo(2);
            assertThat(RawIpHost.reasons(sent)).containsOnly(DropReason.NO_ROUTE);
        }
    }

    @Test
    void aFullQueueStopsAtThePacketToGoOnWith() throws Exception {
        // Nobody reads the device: its queue holds what was sent, and with it the send buffer.
        try (TunDevice blocked =
                        NamespaceThread.call(host.namespace(), () -> TunDevice.open("tun0", 0));
                RawIpSocket socket = host.open(new RawIpOptions(1 << 16, 4096, false, 128))) {
            host.namespace().run("ip addr add 192.0.2.1 peer 192.0.2.2 dev tun0");
            host.namespace().run("ip link set tun0 up");
            host.namespace()
                    .run("tc qdisc add dev tun0 root tbf rate 8bit burst 1600 limit 1000000");
            PacketBatch sent = Packets.batch(64);
            for (int i = 0; i < 64; i++) {
                Packets.append(
                        sent, Packets.ipv4(Packets.GRE, "192.0.2.1", "192.0.2.2", new byte[1400]));
            }

            int slot = socket.writeBatch(sent, 0);

            assertThat(slot).isBetween(1, 63);
            assertThat(socket.writeBatch(sent, slot)).isEqualTo(slot);
            assertThat(RawIpHost.reasons(sent)).containsOnlyNulls();
            assertThat(blocked.readBatch(Packets.batch(64))).isLessThanOrEqualTo(slot);
        }
    }

    @Test
    void aQueueThatOverflowsDropsAndGoesOn() throws Exception {
        try (TunDevice blocked =
                        NamespaceThread.call(host.namespace(), () -> TunDevice.open("tun0", 0));
                RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            host.namespace().run("ip addr add 192.0.2.1 peer 192.0.2.2 dev tun0");
            host.namespace().run("ip link set tun0 up");
            host.namespace().run("tc qdisc add dev tun0 root tbf rate 8bit burst 1600 limit 3000");
            PacketBatch sent = Packets.batch(64);
            for (int i = 0; i < 64; i++) {
                Packets.append(
                        sent, Packets.ipv4(Packets.GRE, "192.0.2.1", "192.0.2.2", new byte[1400]));
            }

            assertThat(socket.writeBatch(sent, 0)).isEqualTo(64);

            assertThat(sent.isLive(0)).isTrue();
            assertThat(sent.dropReason(63)).isEqualTo(DropReason.UNDERLAY_FULL);
            assertThat(blocked.fd()).isPositive();
        }
    }
}

package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Raw sockets on the loopback device of a network namespace, which delivers before it returns. */
@NeedsRoot
class RawIpSocketTest {
    private static final String OURS = "127.0.0.1";
    private static final String THEIRS = "127.0.0.2";
    private static final int LOOPBACK_INDEX = 1; // linux/net_namespace.h: LOOPBACK_IFINDEX
    private static final RawIpOptions SMALL = new RawIpOptions(1 << 16, 1 << 20, false, 256);

    private NetworkNamespace host;

    @BeforeEach
    void makeHost() {
        host = NetworkNamespace.create("raw");
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    private RawIpSocket open(RawIpOptions options) throws Exception {
        return open(Packets.GRE, options);
    }

    private RawIpSocket open(int protocol, RawIpOptions options) throws Exception {
        return NamespaceThread.call(host, () -> RawIpSocket.open(protocol, options));
    }

    private static byte[] gre(String payload) {
        return Packets.ipv4(Packets.GRE, OURS, THEIRS, payload);
    }

    private static byte[] greTo(String destination) {
        return Packets.ipv4(Packets.GRE, "0.0.0.0", destination, "x");
    }

    @Test
    void aBatchComesBackInOrder() throws Exception {
        try (RawIpSocket socket = open(RawIpOptions.DEFAULTS)) {
            PacketBatch sent = Packets.batch(100);
            for (int i = 0; i < 100; i++) {
                Packets.append(sent, gre("packet " + i));
            }
            PacketBatch received = Packets.batch(128);
            assertThat(socket.readBatch(received)).isZero();

            assertThat(socket.writeBatch(sent, 0)).isEqualTo(100);
            assertThat(socket.readBatch(received)).isEqualTo(100);

            for (int i = 0; i < 100; i++) {
                assertThat(sent.isLive(i)).isTrue();
                assertThat(Packets.bytes(received, i)).isEqualTo(gre("packet " + i));
                assertThat(received.link(i)).isZero();
                assertThat(received.tunnel(i)).isEqualTo(PacketBatch.NO_TUNNEL);
            }
            assertThat(socket.readBatch(received)).isZero();
            assertThat(socket.receiveDrops()).isZero();
        }
    }

    @Test
    void batchesLargerThanOneCallAndOneAfterTheOtherIntoTheSameBatchKeepTheirOrder()
            throws Exception {
        try (RawIpSocket socket = open(new RawIpOptions(1 << 22, 1 << 20, false, 300))) {
            PacketBatch sent = Packets.batch(300);
            for (int i = 0; i < 300; i++) {
                Packets.append(sent, gre("packet " + i));
            }
            PacketBatch received = Packets.batch(300);
            for (int i = 0; i < 300; i += 100) {
                sent.drop(i, DropReason.TOO_BIG);
            }
            assertThat(socket.writeBatch(sent, 150)).isEqualTo(300);
            assertThat(socket.readBatch(received)).isEqualTo(149);
            assertThat(socket.writeBatch(sent, 149)).isEqualTo(300);
            assertThat(socket.readBatch(received)).isEqualTo(150);

            assertThat(Packets.payload(received, 0)).isEqualTo("packet 150");
            assertThat(Packets.payload(received, 49)).isEqualTo("packet 199");
            assertThat(Packets.payload(received, 50)).isEqualTo("packet 201");
            assertThat(Packets.payload(received, 149)).isEqualTo("packet 149");
            assertThat(Packets.payload(received, 298)).isEqualTo("packet 299");
            assertThat(socket.readBatch(received)).isZero();
        }
    }

    @Test
    void onlyLivePacketsOfTheProtocolArrive() throws Exception {
        try (RawIpSocket socket = open(RawIpOptions.DEFAULTS);
                RawIpSocket other = open(Packets.EXPERIMENTAL, RawIpOptions.DEFAULTS)) {
            PacketBatch sent = Packets.batch(4);
            Packets.append(sent, gre("dropped"));
            Packets.append(sent, gre("replaced"));
            Packets.append(sent, Packets.ipv4(Packets.EXPERIMENTAL, OURS, THEIRS, "other"));
            Packets.append(sent, gre("live"));
            sent.drop(0, DropReason.TOO_BIG);
            sent.replace(1, PacketBatch.Replacement.FRAGMENTS);
            PacketBatch received = Packets.batch(4);
            PacketBatch otherReceived = Packets.batch(4);

            assertThat(socket.writeBatch(sent, 0)).isEqualTo(4);

            assertThat(socket.readBatch(received)).isEqualTo(1);
            assertThat(Packets.payload(received, 0)).isEqualTo("live");
            assertThat(other.readBatch(otherReceived)).isEqualTo(1);
            assertThat(Packets.payload(otherReceived, 0)).isEqualTo("other");
            assertThat(sent.dropReason(0)).isEqualTo(DropReason.TOO_BIG);
        }
    }

    @Test
    void whatCannotBeSentIsDroppedForItsReasonAndTheRestGoes() throws Exception {
        host.run("ip link set lo mtu 1500");
        host.run("ip route add prohibit 198.51.100.1");
        host.run("ip route add unreachable 198.51.100.2");
        host.run("ip route add blackhole 198.51.100.3");
        try (RawIpSocket socket = open(RawIpOptions.DEFAULTS)) {
            PacketBatch sent = Packets.batch(9);
            Packets.append(sent, gre("first"));
            Packets.append(sent, greTo("203.0.113.1"));
            Packets.append(sent, greTo("198.51.100.1"));
            Packets.append(sent, greTo("198.51.100.2"));
            Packets.append(sent, gre("middle"));
            Packets.append(sent, greTo("198.51.100.3"));
            Packets.append(sent, Packets.ipv4(Packets.GRE, OURS, THEIRS, new byte[1481]));
            sent.tunnel(Packets.append(sent, gre("by a link that is not")), 5);
            Packets.append(sent, gre("last"));
            socket.boundLink(5, 12_345);

            assertThat(socket.writeBatch(sent, 0)).isEqualTo(9);

            assertThat(reasons(sent))
                    .containsExactly(
                            null,
                            DropReason.NO_ROUTE,
                            DropReason.UNDERLAY_FORBIDDEN,
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

    private static DropReason[] reasons(PacketBatch batch) {
        DropReason[] reasons = new DropReason[batch.size()];
        Arrays.setAll(reasons, batch::dropReason);
        return reasons;
    }

    @Test
    @NeedsRoot(programs = "nft")
    void aFirewallThatForbidsSendingIsToldApart() throws Exception {
        host.run("nft add table ip t");
        host.exec("nft", "add chain ip t out { type filter hook output priority 0; }");
        host.run("nft add rule ip t out ip protocol gre drop");
        try (RawIpSocket socket = open(RawIpOptions.DEFAULTS)) {
            PacketBatch sent = Packets.batch(1);
            Packets.append(sent, gre("x"));
            assertThat(socket.writeBatch(sent, 0)).isEqualTo(1);
            assertThat(sent.dropReason(0)).isEqualTo(DropReason.UNDERLAY_FORBIDDEN);
            assertThat(socket.readBatch(Packets.batch(1))).isZero();
        }
    }

    @Test
    void aLinkThatIsDownHasNoRoutes() throws Exception {
        host.run("ip link add eth0 type veth peer name eth1");
        host.run("ip addr add 192.0.2.1/24 dev eth0");
        try (RawIpSocket socket = open(RawIpOptions.DEFAULTS)) {
            PacketBatch sent = Packets.batch(2);
            Packets.append(sent, greTo("192.0.2.2"));
            sent.tunnel(Packets.append(sent, greTo("192.0.2.2")), 0);
            socket.boundLink(0, index(host, "eth0"));
            assertThat(socket.writeBatch(sent, 0)).isEqualTo(2);
            assertThat(reasons(sent)).containsOnly(DropReason.NO_ROUTE);
        }
    }

    @Test
    void aFullQueueStopsAtThePacketToGoOnWith() throws Exception {
        // Nobody reads the device: its queue holds what was sent, and with it the send buffer.
        try (TunDevice blocked = NamespaceThread.call(host, () -> TunDevice.open("tun0", 0));
                RawIpSocket socket = open(new RawIpOptions(1 << 16, 4096, false, 128))) {
            host.run("ip addr add 192.0.2.1 peer 192.0.2.2 dev tun0");
            host.run("ip link set tun0 up");
            host.run("tc qdisc add dev tun0 root tbf rate 8bit burst 1600 limit 1000000");
            PacketBatch sent = Packets.batch(64);
            for (int i = 0; i < 64; i++) {
                Packets.append(
                        sent, Packets.ipv4(Packets.GRE, "192.0.2.1", "192.0.2.2", new byte[1400]));
            }

            int slot = socket.writeBatch(sent, 0);

            assertThat(slot).isBetween(1, 63);
            assertThat(socket.writeBatch(sent, slot)).isEqualTo(slot);
            assertThat(reasons(sent)).containsOnlyNulls();
            assertThat(blocked.readBatch(Packets.batch(64))).isLessThanOrEqualTo(slot);
        }
    }

    @Test
    void aQueueThatOverflowsDropsAndGoesOn() throws Exception {
        try (TunDevice blocked = NamespaceThread.call(host, () -> TunDevice.open("tun0", 0));
                RawIpSocket socket = open(RawIpOptions.DEFAULTS)) {
            host.run("ip addr add 192.0.2.1 peer 192.0.2.2 dev tun0");
            host.run("ip link set tun0 up");
            host.run("tc qdisc add dev tun0 root tbf rate 8bit burst 1600 limit 3000");
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

    @Test
    void theArrivalLinkIsRecordedWhenAskedFor() throws Exception {
        try (RawIpSocket socket = open(RawIpOptions.DEFAULTS.recordingLink())) {
            PacketBatch sent = Packets.batch(2);
            Packets.append(sent, gre("one"));
            Packets.append(sent, gre("two"));
            PacketBatch received = Packets.batch(4);
            for (int i = 0; i < 2; i++) {
                socket.writeBatch(sent, 0);
                assertThat(socket.readBatch(received)).isEqualTo(2);
            }
            for (int i = 0; i < 4; i++) {
                assertThat(received.link(i)).isEqualTo(LOOPBACK_INDEX);
            }
        }
    }

    @Test
    void aTunnelsLinkWinsOverTheRoutes() throws Exception {
        try (NetworkNamespace peer = NetworkNamespace.create("peer")) {
            NetworkNamespace.connect(host, "eth0", peer, "eth0");
            NetworkNamespace.connect(host, "eth1", peer, "eth1");
            host.address("eth0", "192.0.2.1/24");
            host.address("eth1", "198.51.100.1/24");
            peer.address("eth0", "192.0.2.2/24");
            peer.exec("sh", "-c", "echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter");
            peer.exec("sh", "-c", "echo 0 > /proc/sys/net/ipv4/conf/eth1/rp_filter");
            // Known neighbours: nothing waits for ARP, so what is sent has arrived.
            for (String link : new String[] {"eth0", "eth1"}) {
                String mac = peer.run("cat /sys/class/net/" + link + "/address").stdout().strip();
                host.run("ip neigh replace 192.0.2.2 lladdr " + mac + " dev " + link);
            }
            try (RawIpSocket socket = open(RawIpOptions.DEFAULTS);
                    RawIpSocket theirs =
                            NamespaceThread.call(
                                    peer,
                                    () ->
                                            RawIpSocket.open(
                                                    Packets.GRE,
                                                    RawIpOptions.DEFAULTS.recordingLink()))) {
                PacketBatch sent = Packets.batch(3);
                byte[] packet = Packets.ipv4(Packets.GRE, "192.0.2.1", "192.0.2.2", "x");
                sent.tunnel(Packets.append(sent, packet), 0);
                sent.tunnel(Packets.append(sent, packet), 1);
                Packets.append(sent, packet);
                socket.boundLink(1, index(host, "eth1"));

                assertThat(socket.writeBatch(sent, 0)).isEqualTo(3);

                assertThat(reasons(sent)).containsOnlyNulls();
                PacketBatch received = Packets.batch(3);
                for (int i = 0; i < 1000 && !received.isFull(); i++) {
                    theirs.readBatch(received);
                    Thread.onSpinWait();
                }
                assertThat(received.size()).isEqualTo(3);
                assertThat(new int[] {received.link(0), received.link(1), received.link(2)})
                        .containsExactlyInAnyOrder(
                                index(peer, "eth0"), index(peer, "eth1"), index(peer, "eth0"));
            }
        }
    }

    private static int index(NetworkNamespace namespace, String device) {
        return Integer.parseInt(
                namespace.run("cat /sys/class/net/" + device + "/ifindex").stdout().strip());
    }

    @Test
    void whatDoesNotFitTheReceiveBufferIsCounted() throws Exception {
        try (RawIpSocket socket = open(SMALL)) {
            PacketBatch sent = Packets.batch(250);
            while (!sent.isFull()) {
                Packets.append(sent, gre("x"));
            }
            for (int i = 0; i < 4; i++) {
                assertThat(socket.writeBatch(sent, 0)).isEqualTo(250);
            }
            int received = 0;
            int count;
            do {
                count = socket.readBatch(Packets.batch(256));
                received += count;
            } while (count > 0);

            assertThat(received).isBetween(1, 999);
            assertThat(socket.receiveDrops()).isEqualTo(1000 - received);
            assertThat(socket.receiveDrops()).isEqualTo(1000 - received);
            assertThat(socket.receiveBufferBytes()).isEqualTo(1 << 16);
        }
    }

    @Test
    void aPacketLongerThanASlotIsCutOffAndTheNextIsWhole() throws Exception {
        try (RawIpSocket socket = open(RawIpOptions.DEFAULTS)) {
            PacketBatch sent = Packets.batch(2, 4096);
            Packets.append(sent, Packets.ipv4(Packets.GRE, OURS, THEIRS, new byte[4000]));
            Packets.append(sent, gre("whole"));
            socket.writeBatch(sent, 0);
            PacketBatch received = Packets.batch(2, 2048);

            assertThat(socket.readBatch(received)).isEqualTo(2);

            assertThat(received.lengthBytes(0)).isEqualTo(2048);
            assertThat(Packets.payload(received, 1)).isEqualTo("whole");
        }
    }

    @Test
    void sendingAndReceivingAllocateNothing() throws Exception {
        try (RawIpSocket socket = open(RawIpOptions.DEFAULTS.recordingLink())) {
            PacketBatch sent = Packets.batch(2);
            sent.tunnel(Packets.append(sent, gre("one")), 0);
            sent.tunnel(Packets.append(sent, greTo("203.0.113.1")), 0);
            PacketBatch full = Packets.batch(1);
            PacketBatch received = Packets.batch(128);
            socket.boundLink(0, 0);
            long bytes =
                    Allocation.bytesOf(
                            () -> {
                                socket.writeBatch(sent, 0);
                                socket.readBatch(received);
                                socket.readBatch(full);
                                socket.receiveDrops();
                            });
            assertThat(bytes).isZero();
            assertThat(sent.isLive(0)).isTrue();
        }
    }

    /** A packet of 24 bytes in its slot and a tail in another batch. */
    private static PacketBatch withTails(PacketBatch source, int packets, int tailBytes) {
        PacketBatch batch = Packets.batch(packets);
        batch.tailSource(source);
        while (!batch.isFull()) {
            int slot = Packets.append(batch, gre("head"));
            batch.tail(slot, source.start(0) + slot * tailBytes, tailBytes);
        }
        return batch;
    }

    @Test
    void aTailIsSentBehindTheBytesInTheSlot() throws Exception {
        try (RawIpSocket socket = open(RawIpOptions.DEFAULTS.recordingLink())) {
            PacketBatch source = Packets.batch(1);
            Packets.append(source, "first second third ".getBytes(StandardCharsets.US_ASCII));
            PacketBatch sent = Packets.batch(4);
            sent.tailSource(source);
            int at = source.start(0);
            sent.tail(Packets.append(sent, gre("1:")), at, 5);
            Packets.append(sent, gre("none"));
            sent.tail(Packets.append(sent, gre("2:")), at + 6, 6);
            sent.tail(Packets.append(sent, gre("3:")), at + 13, 5);
            sent.tunnel(2, 0);
            socket.boundLink(0, LOOPBACK_INDEX);
            PacketBatch received = Packets.batch(4);

            assertThat(socket.writeBatch(sent, 0)).isEqualTo(4);
            assertThat(socket.readBatch(received)).isEqualTo(4);

            assertThat(Packets.payload(received, 0)).isEqualTo("1:first");
            assertThat(Packets.payload(received, 1)).isEqualTo("none");
            assertThat(Packets.payload(received, 2)).isEqualTo("2:second");
            assertThat(Packets.payload(received, 3)).isEqualTo("3:third");
            assertThat(received.tailBytes(0)).isZero();
            assertThat(reasons(sent)).containsOnlyNulls();
        }
    }

    @Test
    void aMessageDoesNotKeepTheTailOfTheOneBefore() throws Exception {
        try (RawIpSocket socket = open(RawIpOptions.DEFAULTS)) {
            PacketBatch source = Packets.batch(1);
            Packets.append(source, new byte[100]);
            PacketBatch plain = Packets.batch(1);
            Packets.append(plain, gre("plain"));
            PacketBatch received = Packets.batch(2);

            socket.writeBatch(withTails(source, 1, 100), 0);
            socket.writeBatch(plain, 0);

            assertThat(socket.readBatch(received)).isEqualTo(2);
            assertThat(received.lengthBytes(0)).isEqualTo(20 + 4 + 100);
            assertThat(Packets.bytes(received, 1)).isEqualTo(gre("plain"));
        }
    }

    @Test
    void aPacketTooLongByItsTailIsDropped() throws Exception {
        host.run("ip link set lo mtu 1500");
        try (RawIpSocket socket = open(RawIpOptions.DEFAULTS)) {
            PacketBatch source = Packets.batch(1, 8192);
            Packets.append(source, new byte[4 * 1477]);
            PacketBatch fits = withTails(source, 4, 1476);
            PacketBatch tooLong = withTails(source, 4, 1477);

            assertThat(socket.writeBatch(fits, 0)).isEqualTo(4);
            assertThat(socket.writeBatch(tooLong, 0)).isEqualTo(4);

            assertThat(reasons(fits)).containsOnlyNulls();
            assertThat(reasons(tooLong)).containsOnly(DropReason.UNDERLAY_TOO_BIG);
            assertThat(socket.readBatch(Packets.batch(16))).isEqualTo(4);
        }
    }

    @Test
    void sendingTailsAllocatesNothing() throws Exception {
        try (RawIpSocket socket = open(RawIpOptions.DEFAULTS)) {
            PacketBatch source = Packets.batch(1);
            Packets.append(source, new byte[800]);
            PacketBatch sent = withTails(source, 8, 100);
            PacketBatch received = Packets.batch(8);
            long bytes =
                    Allocation.bytesOf(
                            () -> {
                                socket.writeBatch(sent, 0);
                                received.clear();
                                socket.readBatch(received);
                            });
            assertThat(bytes).isZero();
            assertThat(received.size()).isEqualTo(8);
            assertThat(received.lengthBytes(7)).isEqualTo(20 + 4 + 100);
        }
    }
}

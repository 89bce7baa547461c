package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Raw sockets on the loopback device of a network namespace, which delivers before it returns. */
@NeedsRoot
class RawIpSocketTest {
    private static final RawIpOptions SMALL = new RawIpOptions(1 << 16, 1 << 20, false, 256);

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
    void aBatchComesBackInOrder() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            PacketBatch sent = Packets.batch(100);
            for (int i = 0; i < 100; i++) {
                Packets.append(sent, RawIpHost.gre("packet " + i));
            }
            PacketBatch received = Packets.batch(128);
            assertThat(socket.readBatch(received)).isZero();

            assertThat(socket.writeBatch(sent, 0)).isEqualTo(100);
            assertThat(socket.readBatch(received)).isEqualTo(100);

            for (int i = 0; i < 100; i++) {
                assertThat(sent.isLive(i)).isTrue();
                assertThat(Packets.bytes(received, i)).isEqualTo(RawIpHost.gre("packet " + i));
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
        try (RawIpSocket socket = host.open(new RawIpOptions(1 << 22, 1 << 20, false, 300))) {
            PacketBatch sent = Packets.batch(300);
            for (int i = 0; i < 300; i++) {
                Packets.append(sent, RawIpHost.gre("packet " + i));
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
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS);
                RawIpSocket other = host.open(Packets.EXPERIMENTAL, RawIpOptions.DEFAULTS)) {
            PacketBatch sent = Packets.batch(4);
            Packets.append(sent, RawIpHost.gre("dropped"));
            Packets.append(sent, RawIpHost.gre("replaced"));
            Packets.append(
                    sent,
                    Packets.ipv4(Packets.EXPERIMENTAL, RawIpHost.OURS, RawIpHost.THEIRS, "other"));
            Packets.append(sent, RawIpHost.gre("live"));
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
    void theArrivalLinkIsRecordedWhenAskedFor() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS.recordingLink())) {
            PacketBatch sent = Packets.batch(2);
            Packets.append(sent, RawIpHost.gre("one"));
            Packets.append(sent, RawIpHost.gre("two"));
            PacketBatch received = Packets.batch(4);
            for (int i = 0; i < 2; i++) {
                socket.writeBatch(sent, 0);
                assertThat(socket.readBatch(received)).isEqualTo(2);
            }
            for (int i = 0; i < 4; i++) {
                assertThat(received.link(i)).isEqualTo(RawIpHost.LOOPBACK_INDEX);
            }
        }
    }

    @Test
    void aTunnelsLinkWinsOverTheRoutes() throws Exception {
        try (NetworkNamespace peer = NetworkNamespace.create("peer")) {
            NetworkNamespace.connect(host.namespace(), "eth0", peer, "eth0");
            NetworkNamespace.connect(host.namespace(), "eth1", peer, "eth1");
            host.namespace().address("eth0", "192.0.2.1/24");
            host.namespace().address("eth1", "198.51.100.1/24");
            peer.address("eth0", "192.0.2.2/24");
            peer.exec("sh", "-c", "echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter");
            peer.exec("sh", "-c", "echo 0 > /proc/sys/net/ipv4/conf/eth1/rp_filter");
            // Known neighbours: nothing waits for ARP, so what is sent has arrived.
            for (String link : new String[] {"eth0", "eth1"}) {
                String mac = peer.run("cat /sys/class/net/" + link + "/address").stdout().strip();
                host.namespace().run("ip neigh replace 192.0.2.2 lladdr " + mac + " dev " + link);
            }
            try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS);
                    RawIpSocket theirs =
                            NamespaceThread.call(
                                    peer,
                                    () ->
                                            RawIpSocket.open(
                                                    OuterProtocol.overIpv4(Packets.GRE),
                                                    RawIpOptions.DEFAULTS.recordingLink()))) {
                PacketBatch sent = Packets.batch(3);
                byte[] packet = Packets.ipv4(Packets.GRE, "192.0.2.1", "192.0.2.2", "x");
                sent.tunnel(Packets.append(sent, packet), 0);
                sent.tunnel(Packets.append(sent, packet), 1);
                Packets.append(sent, packet);
                socket.boundLink(1, RawIpHost.index(host.namespace(), "eth1"));

                assertThat(socket.writeBatch(sent, 0)).isEqualTo(3);

                assertThat(RawIpHost.reasons(sent)).containsOnlyNulls();
                PacketBatch received = Packets.batch(3);
                for (int i = 0; i < 1000 && !received.isFull(); i++) {
                    theirs.readBatch(received);
                    Thread.onSpinWait();
                }
                assertThat(received.size()).isEqualTo(3);
                assertThat(new int[] {received.link(0), received.link(1), received.link(2)})
                        .containsExactlyInAnyOrder(
                                RawIpHost.index(peer, "eth0"),
                                RawIpHost.index(peer, "eth1"),
                                RawIpHost.index(peer, "eth0"));
            }
        }
    }

    @Test
    void whatDoesNotFitTheReceiveBufferIsCounted() throws Exception {
        try (RawIpSocket socket = host.open(SMALL)) {
            PacketBatch sent = Packets.batch(250);
            while (!sent.isFull()) {
                Packets.append(sent, RawIpHost.gre("x"));
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
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            PacketBatch sent = Packets.batch(2, 4096);
            Packets.append(
                    sent,
                    Packets.ipv4(Packets.GRE, RawIpHost.OURS, RawIpHost.THEIRS, new byte[4000]));
            Packets.append(sent, RawIpHost.gre("whole"));
            socket.writeBatch(sent, 0);
            PacketBatch received = Packets.batch(2, 2048);

            assertThat(socket.readBatch(received)).isEqualTo(2);

            assertThat(received.lengthBytes(0)).isEqualTo(2048);
            assertThat(Packets.payload(received, 1)).isEqualTo("whole");
        }
    }

    @Test
    void sendingAndReceivingAllocateNothing() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS.recordingLink())) {
            PacketBatch sent = Packets.batch(2);
            sent.tunnel(Packets.append(sent, RawIpHost.gre("one")), 0);
            sent.tunnel(Packets.append(sent, RawIpHost.greTo("203.0.113.1")), 0);
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
}

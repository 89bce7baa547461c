package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.linux.Errno;
import io.culvert.linux.LinuxException;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real TUN device in a network namespace that has nothing else. */
@NeedsRoot
class TunDeviceTest {
    private static final int TUNNEL = 3;
    private static final String OURS = "192.0.2.1";
    private static final String THEIRS = "192.0.2.2";

    private NetworkNamespace host;

    @BeforeEach
    void makeHost() {
        host = NetworkNamespace.create("tun");
        // Router solicitations would come between the packets that tests count.
        host.exec("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    private TunDevice open(String name) throws Exception {
        return NamespaceThread.call(host, () -> TunDevice.open(name, TUNNEL));
    }

    private TunDevice openUp(String name) throws Exception {
        TunDevice tun = open(name);
        host.run("ip link set " + name + " up mtu 65535");
        host.run("ip addr add " + OURS + " peer " + THEIRS + " dev " + name);
        return tun;
    }

    private DatagramSocket udpSocket() throws Exception {
        return NamespaceThread.call(host, () -> new DatagramSocket(new InetSocketAddress(OURS, 0)));
    }

    private static void send(DatagramSocket socket, byte[] payload) throws Exception {
        socket.send(new DatagramPacket(payload, payload.length, InetAddress.getByName(THEIRS), 9));
    }

    private static PacketBatch udpBatch(int slots, int port, String payload) {
        PacketBatch batch = Packets.batch(slots);
        while (!batch.isFull()) {
            batch.tunnel(Packets.append(batch, Packets.udp(THEIRS, OURS, port, payload)), TUNNEL);
        }
        return batch;
    }

    @Test
    void itTellsTheNameAndTheIndexThatItGot() throws Exception {
        try (TunDevice tun = open("tun%d");
                TunDevice next = open("tun%d")) {
            assertThat(tun.name()).isEqualTo("tun0");
            assertThat(next.name()).isEqualTo("tun1");
            assertThat(tun.tunnelIndex()).isEqualTo(TUNNEL);
            assertThat(host.run("ip -o link show tun0").stdout())
                    .startsWith(tun.interfaceIndex() + ": tun0: <POINTOPOINT,MULTICAST,NOARP>");
        }
        assertThat(host.run("ip -o link").stdout()).doesNotContain("tun0", "tun1");
    }

    @Test
    void aSecondHolderIsToldThatTheDeviceIsBusy() throws Exception {
        try (TunDevice tun = open("tun_busy")) {
            assertThatThrownBy(() -> open(tun.name()))
                    .isInstanceOf(LinuxException.class)
                    .hasMessage(
                            "cannot attach to tun_busy: EBUSY (16): device busy; another process"
                                    + " holds it: end that one, or use another name");
        }
    }

    @Test
    void aNameThatIsNoTunIsRefusedWithAHint() {
        host.run("ip tuntap add tap0 mode tap");
        host.run("ip tuntap add tap1 mode tap multi_queue");
        for (String name : new String[] {"lo", "tap0", "tap1"}) {
            assertRefused(name, "there is such a device, and it is no TUN device");
        }
        assertRefused("a/b", "no device may have this name");
        assertThat(host.run("ip -o link").stdout().lines()).hasSize(3);
    }

    private void assertRefused(String name, String hint) {
        assertThatThrownBy(() -> open(name))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                .hasMessageContaining("cannot attach to " + name)
                .hasMessageContaining(hint);
    }

    @Test
    void oneQueueIsOpenedOfADeviceThatWasMadeForSeveral() throws Exception {
        for (String flags : new String[] {"", " pi", " vnet_hdr", " pi vnet_hdr", " user nobody"}) {
            host.run("ip tuntap add many0 mode tun multi_queue" + flags);
            host.run("ip link set many0 up");
            for (Offload offload : Offload.values()) {
                try (TunDevice tun =
                        NamespaceThread.call(host, () -> TunDevice.open("many0", 0, offload))) {
                    assertThat(host.run("ip -d link show many0").stdout())
                            .contains("pi off", "numqueues 1 numdisabled 0");
                    PacketBatch batch = udpBatch(1, 9, "x");
                    assertThat(tun.writeBatch(batch, 0)).isEqualTo(1);
                    assertThat(batch.isLive(0)).isTrue();
                }
            }
            host.run("ip link del many0");
        }
    }

    @Test
    void aQueueOfADeviceThatAnotherHoldsForAMomentIsRefused() throws Exception {
        List<TunDevice> held =
                NamespaceThread.call(
                        host, () -> TunDevice.openQueues("many0", 0, Offload.OFF, 2, false));
        assertThatThrownBy(() -> open("many0"))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY));
        held.forEach(TunDevice::close);
        assertThat(host.run("ip -o link").stdout()).doesNotContain("many0");
    }

    @Test
    void aNameOfTheWrongLengthNeverReachesTheKernel() {
        assertThatThrownBy(() -> TunDevice.open("", 0))
                .hasMessageContaining("0 bytes, not 1 to 15");
        assertThatThrownBy(() -> TunDevice.open("abcdefghijklmnop", 0))
                .hasMessageContaining("16 bytes, not 1 to 15");
    }

    @Test
    void aPersistentDeviceIsAttachedToAndStays() throws Exception {
        host.run("ip tuntap add kept0 mode tun");
        host.run("ip link set kept0 up");
        try (TunDevice tun = open("kept0")) {
            PacketBatch batch = udpBatch(1, 9, "x");
            assertThat(tun.writeBatch(batch, 0)).isEqualTo(1);
            assertThat(batch.isLive(0)).isTrue();
        }
        assertThat(host.run("ip -o link").stdout()).contains("kept0");
    }

    @Test
    void packetsOfTheHostAreReadIntoSlotsOneAfterTheOther() throws Exception {
        try (TunDevice tun = openUp("tun0");
                DatagramSocket socket = udpSocket()) {
            PacketBatch batch = Packets.batch(2);
            assertThat(tun.readBatch(batch)).isZero();
            for (String text : new String[] {"first", "second", "third"}) {
                send(socket, text.getBytes(StandardCharsets.US_ASCII));
            }

            assertThat(tun.readBatch(batch)).isEqualTo(2);
            assertThat(Packets.payload(batch, 0)).endsWith("first");
            assertThat(Packets.payload(batch, 1)).endsWith("second");
            assertThat(batch.lengthBytes(0)).isEqualTo(20 + 8 + 5);
            assertThat(batch.tunnel(0)).isEqualTo(TUNNEL);
            assertThat(batch.tunnel(1)).isEqualTo(TUNNEL);
            assertThat(tun.readBatch(batch)).isZero();

            PacketBatch rest = Packets.batch(2);
            assertThat(tun.readBatch(rest)).isEqualTo(1);
            assertThat(Packets.payload(rest, 0)).endsWith("third");
        }
    }

    @Test
    void theLargestPacketFitsAndALargerSlotIsNotOverrun() throws Exception {
        try (TunDevice tun = openUp("tun0");
                DatagramSocket socket = udpSocket()) {
            send(socket, new byte[65_535 - 28]);
            send(socket, new byte[4000]);
            PacketBatch large = Packets.batch(1, 65_535);
            assertThat(tun.readBatch(large)).isEqualTo(1);
            assertThat(large.lengthBytes(0)).isEqualTo(65_535);

            PacketBatch small = Packets.batch(2, 2048);
            assertThat(tun.readBatch(small)).isEqualTo(1);
            assertThat(small.lengthBytes(0)).isEqualTo(2048);
            assertThat(small.memory().get(small.nextPacketAt())).isZero();
        }
    }

    @Test
    void onlyLivePacketsOfTheTunnelAreWritten() throws Exception {
        try (TunDevice tun = openUp("tun0");
                DatagramSocket socket = udpSocket()) {
            PacketBatch batch = Packets.batch(5);
            for (String text : new String[] {"skip", "one", "foreign", "dropped", "two"}) {
                int slot =
                        Packets.append(
                                batch, Packets.udp(THEIRS, OURS, socket.getLocalPort(), text));
                batch.tunnel(slot, text.equals("foreign") ? TUNNEL + 1 : TUNNEL);
            }
            batch.drop(3, DropReason.NO_TUNNEL);

            assertThat(tun.writeBatch(batch, 1)).isEqualTo(5);

            assertThat(receive(socket)).isEqualTo("one");
            assertThat(receive(socket)).isEqualTo("two");
            assertThat(batch.dropReason(3)).isEqualTo(DropReason.NO_TUNNEL);
            for (int slot : new int[] {0, 1, 2, 4}) {
                assertThat(batch.isLive(slot)).isTrue();
            }
            assertThat(host.run("cat /sys/class/net/tun0/statistics/rx_packets").stdout())
                    .isEqualTo("2\n");
        }
    }

    private static String receive(DatagramSocket socket) throws Exception {
        DatagramPacket packet = new DatagramPacket(new byte[64], 64);
        socket.setSoTimeout(5000);
        socket.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII);
    }

    @Test
    void aDeviceThatIsDownDropsAndIsQuietUntilItIsUp() throws Exception {
        try (TunDevice tun = open("tun0")) {
            PacketBatch batch = udpBatch(2, 9, "x");
            assertThat(tun.writeBatch(batch, 0)).isEqualTo(2);
            assertThat(batch.dropReason(0)).isEqualTo(DropReason.DEVICE_DOWN);
            assertThat(batch.dropReason(1)).isEqualTo(DropReason.DEVICE_DOWN);
            assertThat(tun.readBatch(Packets.batch(1))).isZero();

            host.run("ip link set tun0 up");
            PacketBatch again = udpBatch(2, 9, "x");
            assertThat(tun.writeBatch(again, 0)).isEqualTo(2);
            assertThat(again.isLive(0)).isTrue();
        }
    }

    @Test
    void aDeletedDeviceDropsWhatIsWrittenAndThrowsWhenRead() throws Exception {
        try (TunDevice tun = openUp("tun0")) {
            host.run("ip link del tun0");

            PacketBatch batch = udpBatch(2, 9, "x");
            assertThat(tun.writeBatch(batch, 0)).isEqualTo(2);
            assertThat(batch.dropReason(0)).isEqualTo(DropReason.DEVICE_GONE);
            assertThat(batch.dropReason(1)).isEqualTo(DropReason.DEVICE_GONE);
            assertThatThrownBy(() -> tun.readBatch(Packets.batch(1)))
                    .isInstanceOf(LinuxException.class)
                    .hasMessage(
                            "cannot read from tun0: EBADFD (77):"
                                    + " the device behind the descriptor is gone;"
                                    + " somebody deleted it");
        }
    }

    @Test
    void aDeviceWorksOnInAnotherNamespaceUnderAnotherName() throws Exception {
        try (TunDevice tun = openUp("tun0");
                NetworkNamespace other = NetworkNamespace.create("moved")) {
            host.run("ip link set tun0 netns " + other.name() + " name inside");
            other.run("ip link set inside up");

            PacketBatch batch = udpBatch(1, 9, "x");
            assertThat(tun.writeBatch(batch, 0)).isEqualTo(1);
            assertThat(batch.isLive(0)).isTrue();
            assertThat(other.run("cat /sys/class/net/inside/statistics/rx_packets").stdout())
                    .isEqualTo("1\n");
        }
    }

    @Test
    void whatIsNoIpPacketIsRefusedAndTheNextIsWritten() throws Exception {
        try (TunDevice tun = openUp("tun0")) {
            PacketBatch batch = Packets.batch(3);
            batch.tunnel(Packets.append(batch, new byte[60]), TUNNEL);
            batch.tunnel(Packets.append(batch, new byte[0]), TUNNEL);
            batch.tunnel(Packets.append(batch, Packets.udp(THEIRS, OURS, 9, "x")), TUNNEL);

            assertThat(tun.writeBatch(batch, 0)).isEqualTo(3);

            assertThat(batch.dropReason(0)).isEqualTo(DropReason.DEVICE_REFUSED);
            assertThat(batch.dropReason(1)).isEqualTo(DropReason.DEVICE_REFUSED);
            assertThat(batch.isLive(2)).isTrue();
        }
    }

    @Test
    void memoryWithoutAnAddressIsAProgrammersError() throws Exception {
        try (TunDevice tun = openUp("tun0")) {
            assertThatThrownBy(() -> tun.readBatch(PacketBatch.standalone(1, 2048)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no native address");
        }
    }

    @Test
    void readingAndWritingAllocateNothing() throws Exception {
        try (TunDevice tun = openUp("tun0")) {
            PacketBatch outgoing = udpBatch(4, 9, "x");
            PacketBatch incoming = Packets.batch(4);
            long bytes =
                    Allocation.bytesOf(
                            () -> {
                                tun.writeBatch(outgoing, 0);
                                tun.readBatch(incoming);
                            });
            assertThat(bytes).isZero();
            assertThat(outgoing.isLive(3)).isTrue();
        }
    }
}

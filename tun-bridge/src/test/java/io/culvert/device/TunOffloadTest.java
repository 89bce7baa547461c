package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.Abi;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.NativeMemory;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.OutputStream;
import java.lang.ref.Reference;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two hosts, a TUN device with offload in each, and what one device hands over written to the
 * other: the kernel's TCP sends super-packets, and the kernel's TCP judges what arrives.
 */
@NeedsRoot
@Timeout(60)
class TunOffloadTest {
    private static final int TUNNEL = 3;
    private static final int STREAM_BYTES = 8 << 20;
    private static final long SEED = 20_210_417;
    private static final String THEIRS = "192.0.2.2";
    private static final int SOL_UDP = 17; // linux/socket.h
    private static final int UDP_SEGMENT = 103; // linux/udp.h

    private NetworkNamespace left;
    private NetworkNamespace right;
    private TunDevice leftTun;
    private TunDevice rightTun;

    @BeforeEach
    void makeHosts() throws Exception {
        left = NetworkNamespace.create("left");
        right = NetworkNamespace.create("right");
        leftTun = openUp(left, "192.0.2.1/24", "2001:db8::1/64");
        rightTun = openUp(right, "192.0.2.2/24", "2001:db8::2/64");
    }

    @AfterEach
    void closeHosts() {
        leftTun.close();
        rightTun.close();
        left.close();
        right.close();
    }

    private static TunDevice openUp(NetworkNamespace host, String... addresses) throws Exception {
        TunDevice tun =
                NamespaceThread.call(host, () -> TunDevice.open("tun0", TUNNEL, Offload.ON));
        // Router solicitations would come between the packets that tests count.
        host.run("ip link set tun0 addrgenmode none");
        host.run("ip link set tun0 up mtu 1476");
        for (String address : addresses) {
            host.address("tun0", address);
        }
        return tun;
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.2", "2001:db8::2"})
    void superPacketsOfTcpArriveAsTheyWere(String address) throws Exception {
        assertStreamArrives(address, batch -> batch, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.2", "2001:db8::2"})
    void segmentsJoinedToAChainArriveAsOneSuperPacket(String address) throws Exception {
        assertStreamArrives(address, new HandSplitter()::splitAndJoin, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.2", "2001:db8::2"})
    void segmentsWithChecksumsOfTheirOwnArriveOneByOne(String address) throws Exception {
        // The answers to plain packets are plain; so every packet here was summed by us.
        assertStreamArrives(address, new HandSplitter()::split, 4000);
    }

    private void assertStreamArrives(
            String address, UnaryOperator<PacketBatch> hand, int leastDeliveries) throws Exception {
        byte[] stream = new byte[STREAM_BYTES];
        new Random(SEED).nextBytes(stream);
        TunPump pump = new TunPump(leftTun, rightTun, hand);
        byte[] arrived;
        try (ServerSocket server = server(address)) {
            FutureTask<byte[]> receiver = new FutureTask<>(() -> receive(server));
            new Thread(receiver, "receiver").start();
            send(address, server.getLocalPort(), stream);
            arrived = receiver.get();
        } finally {
            pump.close();
        }

        assertThat(arrived).isEqualTo(stream);
        assertThat(pump.problems()).isEmpty();
        assertThat(pump.superPackets()).isPositive();
        assertThat(pump.longestBytes()).isGreaterThan(20_000);
        long delivered = statistic(right, "rx_packets");
        if (leastDeliveries == 0) {
            assertThat(delivered).isLessThan(STREAM_BYTES / 1424);
        } else {
            assertThat(delivered).isGreaterThan(leastDeliveries);
        }
        assertThat(statistic(right, "rx_dropped")).isZero();
        assertThat(right.run("nstat -asz TcpInCsumErrors").stdout()).containsPattern("Errors +0 ");
    }

    @Test
    void superPacketsOfUdpArriveAsTheDatagramsTheyStandFor() throws Exception {
        assertDatagramsArrive(batch -> batch, 1);
        assertDatagramsArrive(new HandSplitter()::splitAndJoin, 2);
    }

    @Test
    void datagramsWithChecksumsOfTheirOwnArriveOneByOne() throws Exception {
        assertDatagramsArrive(new HandSplitter()::split, 18);
    }

    /**
     * @param deliveries packets that the right device has had by then
     */
    private void assertDatagramsArrive(UnaryOperator<PacketBatch> hand, int deliveries)
            throws Exception {
        byte[] payload = new byte[17 * 500 + 123];
        new Random(SEED).nextBytes(payload);
        ByteArrayOutputStream arrived = new ByteArrayOutputStream();
        TunPump pump = new TunPump(leftTun, rightTun, hand);
        try (DatagramSocket receiver =
                        NamespaceThread.call(
                                right, () -> new DatagramSocket(new InetSocketAddress(THEIRS, 0)));
                LinuxSocket sender = NamespaceThread.call(left, TunOffloadTest::segmentingSocket)) {
            sendTo(sender, receiver.getLocalPort(), payload);
            receiver.setSoTimeout(5000);
            DatagramPacket datagram = new DatagramPacket(new byte[2000], 2000);
            while (arrived.size() < payload.length) {
                receiver.receive(datagram);
                arrived.write(datagram.getData(), 0, datagram.getLength());
                assertThat(datagram.getLength()).isIn(500, 123);
            }
        } finally {
            pump.close();
        }
        assertThat(arrived.toByteArray()).isEqualTo(payload);
        assertThat(pump.problems()).isEmpty();
        assertThat(pump.superPackets()).isEqualTo(1);
        assertThat(statistic(right, "rx_packets")).isEqualTo(deliveries);
        assertThat(right.run("nstat -asz UdpInCsumErrors").stdout()).containsPattern("Errors +0 ");
    }

    private static LinuxSocket segmentingSocket() {
        LinuxSocket socket =
                LinuxSocket.open(LinuxSocket.AF_INET, LinuxSocket.SOCK_DGRAM, 0, "UDP socket");
        socket.option(SOL_UDP, UDP_SEGMENT, 500, "UDP_SEGMENT");
        return socket;
    }

    private static void sendTo(LinuxSocket socket, int port, byte[] payload) {
        NativeMemory to = NativeMemory.allocate(Abi.SOCKADDR_IN_BYTES);
        to.bytes()
                .putShort(Abi.SOCKADDR_IN_FAMILY, (short) LinuxSocket.AF_INET)
                .put(2, new byte[] {(byte) (port >>> 8), (byte) port});
        to.networkInt(Abi.SOCKADDR_IN_ADDR, 0xc000_0202);
        NativeMemory bytes = NativeMemory.allocate(payload.length);
        bytes.bytes().put(0, payload);
        long sent =
                LibC.sendto(
                        socket.fd(),
                        bytes.address(),
                        payload.length,
                        0,
                        to.address(),
                        to.sizeBytes());
        assertThat(sent).isEqualTo(payload.length);
        Reference.reachabilityFence(bytes);
        Reference.reachabilityFence(to);
    }

    @Test
    void aPacketWhoseChecksumTheKernelLeftToUsHasItWhenItIsRead() throws Exception {
        try (DatagramSocket sender = NamespaceThread.call(left, () -> new DatagramSocket())) {
            byte[] payload = new byte[321];
            new Random(SEED).nextBytes(payload);
            sender.send(
                    new DatagramPacket(payload, payload.length, InetAddress.getByName(THEIRS), 9));
            PacketBatch batch = Packets.batch(4);

            assertThat(leftTun.readBatch(batch)).isEqualTo(1);

            byte[] packet = Packets.bytes(batch, 0);
            assertThat(HandSplitter.transportChecksum(packet)).isZero();
            assertThat(packet).hasSize(20 + 8 + 321);
            assertThat(batch.segmentBytes(0)).isZero();
        }
    }

    private ServerSocket server(String address) throws Exception {
        return NamespaceThread.call(
                right,
                () -> {
                    ServerSocket server = new ServerSocket();
                    server.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
                    return server;
                });
    }

    private static byte[] receive(ServerSocket server) throws Exception {
        byte[] arrived = new byte[STREAM_BYTES];
        try (Socket socket = server.accept()) {
            new DataInputStream(socket.getInputStream()).readFully(arrived);
            assertThat(socket.getInputStream().read()).isNegative();
        }
        return arrived;
    }

    private void send(String address, int port, byte[] stream) throws Exception {
        try (Socket socket =
                NamespaceThread.call(
                        left, () -> new Socket(InetAddress.getByName(address), port))) {
            OutputStream out = socket.getOutputStream();
            out.write(stream);
        }
    }

    private static long statistic(NetworkNamespace host, String name) {
        String path = "/sys/class/net/tun0/statistics/" + name;
        return Long.parseLong(host.run("cat " + path).stdout().strip());
    }
}

package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * With any of the host's offload switches, what is delivered is what was sent, or a counted reason.
 */
@NeedsRoot(programs = "ethtool")
@Timeout(60)
class HostSwitchesTest {
    private static final long SEED = Long.getLong("culvert.seed", System.nanoTime());
    private static final List<String> SWITCHES =
            List.of("gro", "tso", "gso", "tx", "rx-udp-gro-forwarding", "rx-gro-list");
    private static final List<String> TUNNELS =
            List.of("gre mode gre", "sum mode gre key 7 csum", "ipip mode ipip", "sit mode sit");
    private static final int COMBINATIONS = 3;
    private static final int TCP_BYTES = 2_000_000;
    private static final int DATAGRAMS = 200;
    private static final int MOST_JOINED = 64; // linux/udp.h: UDP_MAX_SEGMENTS of old
    private static final int PORT = 5003;

    private final Cable cable = new Cable();

    @BeforeEach
    void letTheReceiverJoin() {
        for (NetworkNamespace host : List.of(cable.left(), cable.right())) {
            host.exec(
                    "sh",
                    "-c",
                    "echo 0 >/proc/sys/net/ipv6/conf/default/disable_ipv6;"
                            + " echo 50000 >/sys/class/net/eth0/gro_flush_timeout;"
                            + " echo 2 >/sys/class/net/eth0/napi_defer_hard_irqs");
        }
    }

    @AfterEach
    void close() {
        cable.close();
    }

    @ParameterizedTest
    @CsvSource({
        "raw, off, 1", "raw, off, 2", "raw, on, 1", "raw, on, 2",
        "packet, off, 1", "packet, off, 2", "packet, on, 1", "packet, on, 2"
    })
    void whatIsDeliveredIsWhatWasSentOrCounted(String underlay, String offload, int lanes)
            throws Exception {
        Random random = new Random(SEED + 31L * lanes + (underlay + offload).hashCode());
        run(cable.left(), 1, underlay, "auto", lanes);
        CulvertProcess right = run(cable.right(), 2, underlay, offload, lanes);
        for (int i = 0; i < COMBINATIONS; i++) {
            String switches = "";
            for (NetworkNamespace host : List.of(cable.left(), cable.right())) {
                switches += host == cable.left() ? "left:" : "; right:";
                for (String name : SWITCHES) {
                    // the first combination is the one that joins most
                    boolean isOn = i == 0 ? host == cable.right() : random.nextBoolean();
                    host.run("ethtool -K eth0 %s %s".formatted(name, isOn ? "on" : "off"));
                    switches += isOn ? " " + name : "";
                }
            }
            int row = random.nextInt(TUNNELS.size());
            String tunnel = TUNNELS.get(row);
            String what = "seed %d, %s, %s".formatted(SEED, tunnel, switches);
            try (TcpStream stream = new TcpStream(cable.left(), cable.right(), inner(row, 2))) {
                stream.awaitMore(TCP_BYTES);
                assertThat(stream.endsWhole()).as(what).isTrue();
            } catch (AssertionError e) {
                throw new AssertionError(what, e);
            }
            long before = hostJoined(right, tunnel);
            int arrived = datagramsThatArrive(inner(row, 2), random);
            assertThat(DATAGRAMS - arrived)
                    .as("datagrams that are lost: %s", what)
                    .isLessThanOrEqualTo(
                            (int) (MOST_JOINED * (hostJoined(right, tunnel) - before)));
        }
        assertThat(right.complaints()).isEmpty();
    }

    private static CulvertProcess run(
            NetworkNamespace host, int side, String underlay, String offload, int lanes) {
        String[] lines = new String[TUNNELS.size()];
        for (int row = 0; row < lines.length; row++) {
            lines[row] =
                    "%s local 192.0.2.%d remote 192.0.2.%d offload %s address %s/%d"
                            .formatted(
                                    TUNNELS.get(row),
                                    side,
                                    3 - side,
                                    offload,
                                    inner(row, side),
                                    isIpv6(row) ? 64 : 30);
        }
        CulvertProcess culvert =
                CulvertProcess.startFile(
                        host, List.of(lines), "--underlay", underlay, "--lanes", "" + lanes);
        culvert.awaitUp();
        return culvert;
    }

    private static boolean isIpv6(int row) {
        return TUNNELS.get(row).startsWith("sit");
    }

    private static String inner(int row, int side) {
        return isIpv6(row)
                ? "2001:db8:0:%d::%d".formatted(row, side)
                : "198.51.100.%d".formatted(4 * row + side);
    }

    private static long hostJoined(CulvertProcess culvert, String tunnel) {
        return culvert.summary(tunnel.split(" ", 2)[0]).drops().getOrDefault("host-joined", 0L);
    }

    /** Sends datagrams in bursts, whose bytes tell which they are. */
    private int datagramsThatArrive(String address, Random random) throws Exception {
        InetAddress destination = InetAddress.getByName(address);
        Map<Integer, byte[]> sent = new TreeMap<>();
        int arrived = 0;
        try (DatagramSocket receiver =
                        NamespaceThread.call(
                                cable.right(),
                                () ->
                                        new DatagramSocket(
                                                new InetSocketAddress(destination, PORT)));
                DatagramSocket sender =
                        NamespaceThread.call(cable.left(), () -> new DatagramSocket())) {
            receiver.setReceiveBufferSize(1 << 20);
            receiver.setSoTimeout(30);
            while (sent.size() < DATAGRAMS) {
                int bytes = 4 + random.nextInt(1396);
                for (int burst = 0; burst < 20; burst++) {
                    byte[] datagram = new byte[bytes];
                    random.nextBytes(datagram);
                    ByteBuffer.wrap(datagram).putInt(sent.size());
                    sent.put(sent.size(), datagram);
                    sender.send(new DatagramPacket(datagram, bytes, destination, PORT));
                }
                arrived += arrivedOf(sent, receiver, sent.size() - arrived);
            }
            receiver.setSoTimeout(500);
            arrived += arrivedOf(sent, receiver, sent.size() - arrived);
        }
        return arrived;
    }

    private static int arrivedOf(Map<Integer, byte[]> sent, DatagramSocket receiver, int most)
            throws Exception {
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        for (int arrived = 0; arrived < most; arrived++) {
            try {
                receiver.receive(packet);
            } catch (SocketTimeoutException e) {
                return arrived;
            }
            byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
            assertThat(bytes.length).isGreaterThanOrEqualTo(4);
            assertThat(bytes).isEqualTo(sent.get(ByteBuffer.wrap(bytes).getInt()));
            packet.setLength(65_536);
        }
        return most;
    }
}

package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Flows side by side through a tunnel that has lanes at both ends: no packet of a flow overtakes
 * another one, none is lost, and none comes twice.
 */
@NeedsRoot
@Timeout(60)
class LaneOrderTest {
    private static final int FLOWS = 12;
    private static final int ROUNDS = 40;
    private static final int PACKETS_AT_ONCE = 240;
    private static final int PATIENCE_MILLIS = 5000;
    private static final long SEED = Long.getLong("culvert.seed", 2890L);

    private final List<DatagramSocket> senders = new ArrayList<>();
    private Cable cable;
    private DatagramSocket receiver;

    @BeforeEach
    void layTheCable() {
        cable = new Cable();
        for (NetworkNamespace host : List.of(cable.left(), cable.right())) {
            host.exec("sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
        }
        // Linux lets packets overtake those that waited for the neighbour's address
        assertThat(Pinging.answers(cable.left(), Cable.RIGHT)).isTrue();
    }

    @AfterEach
    void takeAwayTheCable() {
        senders.forEach(DatagramSocket::close);
        if (receiver != null) {
            receiver.close();
        }
        cable.close();
    }

    @ParameterizedTest
    @CsvSource({
        "mode gre, 2",
        "mode gre key 7 csum, 3",
        "mode gre key 7 seq, 2",
        "mode gre offload off, 3",
        "mode ipip, 2",
        "mode sit, 3",
    })
    void everyFlowArrivesWholeAndInOrder(String words, int lanes) throws Exception {
        boolean isIpv6 = words.contains("sit");
        CulvertProcess left = run(cable.left(), words, lanes, 1, isIpv6);
        CulvertProcess right = run(cable.right(), words, lanes, 2, isIpv6);
        left.awaitUp();
        right.awaitUp();
        InetAddress target = InetAddress.getByName(isIpv6 ? "2001:db8:1::2" : "198.51.100.2");
        receiver =
                NamespaceThread.call(
                        cable.right(), () -> new DatagramSocket(new InetSocketAddress(target, 0)));
        receiver.setReceiveBufferSize(4 << 20);
        receiver.setSoTimeout(PATIENCE_MILLIS);
        for (int flow = 0; flow < FLOWS; flow++) {
            senders.add(NamespaceThread.call(cable.left(), () -> new DatagramSocket()));
        }
        Map<Integer, List<Integer>> sent = new LinkedHashMap<>();
        Map<Integer, List<Integer>> received = new LinkedHashMap<>();
        Random random = new Random(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            send(target, sent, round, random);
            receive(received);
        }
        assertThat(received).as("seed %d", SEED).isEqualTo(sent);
        for (CulvertProcess end : List.of(left, right)) {
            assertThat(end.summary().drops()).isEmpty();
            assertThat(end.summary().packetsMissed()).isZero();
            assertThat(end.complaints()).isEmpty();
        }
    }

    private static CulvertProcess run(
            NetworkNamespace host, String words, int lanes, int number, boolean isIpv6) {
        String address =
                isIpv6
                        ? "2001:db8:1::%d/64".formatted(number)
                        : "198.51.100.%d/24".formatted(number);
        String line =
                "cvt0 %s local 192.0.2.%d remote 192.0.2.%d address %s"
                        .formatted(words, number, 3 - number, address);
        return CulvertProcess.startFile(host, List.of(line), "--lanes", "" + lanes);
    }

    /** Sends a burst, its flows mixed as they come. */
    private void send(
            InetAddress target, Map<Integer, List<Integer>> sent, int round, Random random)
            throws IOException {
        List<Integer> flows = new ArrayList<>();
        for (int i = 0; i < PACKETS_AT_ONCE; i++) {
            flows.add(i % FLOWS);
        }
        Collections.shuffle(flows, random);
        ByteBuffer payload = ByteBuffer.allocate(100);
        for (int i = 0; i < PACKETS_AT_ONCE; i++) {
            int flow = flows.get(i);
            int number = round * PACKETS_AT_ONCE + i;
            payload.putInt(0, flow).putInt(4, number);
            int bytes = 8 + random.nextInt(92);
            senders.get(flow)
                    .send(
                            new DatagramPacket(
                                    payload.array(), bytes, target, receiver.getLocalPort()));
            sent.computeIfAbsent(flow, any -> new ArrayList<>()).add(number);
        }
    }

    private void receive(Map<Integer, List<Integer>> received) throws IOException {
        ByteBuffer payload = ByteBuffer.allocate(100);
        for (int i = 0; i < PACKETS_AT_ONCE; i++) {
            receiver.receive(new DatagramPacket(payload.array(), payload.capacity()));
            received.computeIfAbsent(payload.getInt(0), any -> new ArrayList<>())
                    .add(payload.getInt(4));
        }
    }
}

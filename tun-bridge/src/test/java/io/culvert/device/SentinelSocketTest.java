package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.tunnel.OuterError;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether a host answers packets that none of its sockets takes, as the sender of them sees it. */
@NeedsRoot(programs = "ping")
class SentinelSocketTest {
    private static final int PROTOCOL_UNREACHABLE = 2;

    /** A kernel looks at ICMP errors only when they quote eight bytes behind the IP header. */
    private static final String PAYLOAD = "at least 8 bytes";

    private NetworkNamespace sender;
    private NetworkNamespace receiver;
    private RawIpSocket socket;

    @BeforeEach
    void connect() throws Exception {
        sender = NetworkNamespace.create("from");
        receiver = NetworkNamespace.create("to");
        NetworkNamespace.connect(sender, "eth0", receiver, "eth0");
        sender.address("eth0", "192.0.2.1/24");
        receiver.address("eth0", "192.0.2.2/24");
        receiver.exec("sh", "-c", "echo 0 > /proc/sys/net/ipv4/icmp_ratelimit");
        socket =
                NamespaceThread.call(
                        sender,
                        () -> RawIpSocket.open(OuterProtocol.overIpv4(Packets.EXPERIMENTAL), RawIpOptions.DEFAULTS));
    }

    @AfterEach
    void disconnect() {
        socket.close();
        receiver.close();
        sender.close();
    }

    private SentinelSocket openSentinel() throws Exception {
        return NamespaceThread.call(receiver, () -> SentinelSocket.open(OuterProtocol.overIpv4(Packets.EXPERIMENTAL)));
    }

    /** Codes of the ICMP errors that come back for so many packets. */
    private List<Integer> codesAfterSending(int packets) {
        PacketBatch batch = Packets.batch(packets);
        while (!batch.isFull()) {
            Packets.append(
                    batch, Packets.ipv4(Packets.EXPERIMENTAL, "192.0.2.1", "192.0.2.2", PAYLOAD));
        }
        assertThat(socket.writeBatch(batch, 0)).isEqualTo(packets);
        // An answer to the packets would come before the answer to the ping.
        sender.run("ping -c 1 -W 5 192.0.2.2");
        List<OuterError> errors = new ArrayList<>();
        socket.errorQueue().drain(1000, errors::add);
        return errors.stream().map(OuterError::code).distinct().toList();
    }

    @Test
    void withoutItTheHostAnswersProtocolUnreachable() {
        assertThat(codesAfterSending(1)).containsExactly(PROTOCOL_UNREACHABLE);
    }

    @Test
    void withItTheHostIsSilent() throws Exception {
        try (SentinelSocket sentinel = openSentinel()) {
            assertThat(sentinel).isNotNull();
            assertThat(codesAfterSending(1)).isEmpty();
        }
        assertThat(codesAfterSending(1)).containsExactly(PROTOCOL_UNREACHABLE);
    }

    @Test
    void oneThatCountsKnowsEveryPacketThatArrivedAndIsSilentToo() throws Exception {
        SentinelSocket counting =
                NamespaceThread.call(
                        receiver, () -> SentinelSocket.openCounting(OuterProtocol.overIpv4(Packets.EXPERIMENTAL)));
        assertThat(counting.arrivedPackets()).isZero();
        assertThat(codesAfterSending(200)).isEmpty();
        assertThat(counting.arrivedPackets()).isEqualTo(200);
        counting.close();
        assertThat(codesAfterSending(1)).containsExactly(PROTOCOL_UNREACHABLE);
        assertThat(counting.arrivedPackets()).isEqualTo(200);
        try (SentinelSocket sentinel = openSentinel()) {
            assertThat(sentinel.arrivedPackets()).isEqualTo(-1);
        }
    }

    @Test
    void aFullReceiveBufferBesideItIsNotAnswered() throws Exception {
        try (RawIpSocket full =
                        NamespaceThread.call(
                                receiver,
                                () ->
                                        RawIpSocket.open(
                                                OuterProtocol.overIpv4(Packets.EXPERIMENTAL),
                                                new RawIpOptions(2048, 4096, false, 1)));
                SentinelSocket sentinel = openSentinel()) {
            assertThat(sentinel).isNotNull();
            assertThat(codesAfterSending(200)).isEmpty();
            assertThat(full.receiveDrops()).isPositive();
        }
    }
}

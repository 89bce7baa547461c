package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.tunnel.OuterError;
import io.culvert.tunnel.OuterErrorKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether a host answers packets that none of its sockets takes, as the sender of them sees it. */
@NeedsRoot(programs = "ping")
@ParameterizedClass(name = "over IPv{0}")
@ValueSource(ints = {4, 6})
class SentinelSocketTest {
    /** A kernel looks at ICMP errors only when they quote eight bytes behind the IP header. */
    private static final String PAYLOAD = "at least 8 bytes";

    private final boolean isIpv6;
    private final OuterProtocol protocol;
    private final String ours;
    private final String theirs;
    private NetworkNamespace sender;
    private NetworkNamespace receiver;
    private RawIpSocket socket;

    SentinelSocketTest(int ipVersion) {
        isIpv6 = ipVersion == 6;
        protocol = new OuterProtocol(ipVersion, Packets.EXPERIMENTAL);
        ours = isIpv6 ? "2001:db8::1" : "192.0.2.1";
        theirs = isIpv6 ? "2001:db8::2" : "192.0.2.2";
    }

    @BeforeEach
    void connect() throws Exception {
        sender = NetworkNamespace.create("from");
        receiver = NetworkNamespace.create("to");
        NetworkNamespace.connect(sender, "eth0", receiver, "eth0");
        sender.address("eth0", ours + (isIpv6 ? "/64" : "/24"));
        receiver.address("eth0", theirs + (isIpv6 ? "/64" : "/24"));
        receiver.exec("sh", "-c", "echo 0 > /proc/sys/net/ipv4/icmp_ratelimit");
        receiver.exec("sh", "-c", "echo 0 > /proc/sys/net/ipv6/icmp/ratelimit");
        socket =
                NamespaceThread.call(
                        sender, () -> RawIpSocket.open(protocol, RawIpOptions.DEFAULTS));
    }

    @AfterEach
    void disconnect() {
        socket.close();
        receiver.close();
        sender.close();
    }

    private SentinelSocket openSentinel() throws Exception {
        return NamespaceThread.call(receiver, () -> SentinelSocket.open(protocol));
    }

    /** What the ICMP errors say that come back for so many packets. */
    private List<OuterErrorKind> answersAfterSending(int packets) {
        PacketBatch batch = Packets.batch(packets);
        while (!batch.isFull()) {
            Packets.append(
                    batch,
                    isIpv6
                            ? Packets.ipv6(Packets.EXPERIMENTAL, ours, theirs, PAYLOAD)
                            : Packets.ipv4(Packets.EXPERIMENTAL, ours, theirs, PAYLOAD));
        }
        assertThat(socket.writeBatch(batch, 0)).isEqualTo(packets);
        // An answer to the packets would come before the answer to the ping.
        sender.run("ping -c 1 -W 5 " + theirs);
        List<OuterError> errors = new ArrayList<>();
        socket.errorQueue().drain(1000, errors::add);
        return errors.stream().map(OuterError::kind).distinct().toList();
    }

    @Test
    void withoutItTheHostAnswersProtocolUnreachable() {
        assertThat(answersAfterSending(1)).containsExactly(OuterErrorKind.PROTOCOL_UNREACHABLE);
    }

    @Test
    void withItTheHostIsSilent() throws Exception {
        try (SentinelSocket sentinel = openSentinel()) {
            assertThat(sentinel).isNotNull();
            assertThat(answersAfterSending(1)).isEmpty();
        }
        assertThat(answersAfterSending(1)).containsExactly(OuterErrorKind.PROTOCOL_UNREACHABLE);
    }

    @Test
    void oneThatCountsKnowsEveryPacketThatArrivedAndIsSilentToo() throws Exception {
        SentinelSocket counting =
                NamespaceThread.call(receiver, () -> SentinelSocket.openCounting(protocol));
        assertThat(counting.arrivedPackets()).isZero();
        assertThat(answersAfterSending(200)).isEmpty();
        assertThat(counting.arrivedPackets()).isEqualTo(200);
        counting.close();
        assertThat(answersAfterSending(1)).containsExactly(OuterErrorKind.PROTOCOL_UNREACHABLE);
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
                                                protocol, new RawIpOptions(2048, 4096, false, 1)));
                SentinelSocket sentinel = openSentinel()) {
            assertThat(sentinel).isNotNull();
            assertThat(answersAfterSending(200)).isEmpty();
            assertThat(full.receiveDrops()).isPositive();
        }
    }
}

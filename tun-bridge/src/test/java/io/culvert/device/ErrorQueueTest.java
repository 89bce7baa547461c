package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.Errno;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.tunnel.OuterError;
import io.culvert.tunnel.OuterErrorKind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Errors about packets that were sent, from hand-made ICMP and from a kernel's own. */
@NeedsRoot
class ErrorQueueTest {
    private static final String OURS = "127.0.0.1";
    private static final String THEIRS = "127.0.0.2";
    private static final byte[] PACKET = Packets.ipv4(Packets.GRE, OURS, THEIRS, "outer packet");

    private final List<OuterError> errors = new ArrayList<>();
    private NetworkNamespace host;
    private RawIpSocket socket;
    private RawIpSocket icmp;

    @BeforeEach
    void open() throws Exception {
        host = NetworkNamespace.create("err");
        host.exec("sh", "-c", "echo 0 > /proc/sys/net/ipv4/icmp_ratelimit");
        socket = openIn(host, Packets.GRE);
        icmp = openIn(host, Packets.ICMP);
    }

    @AfterEach
    void close() {
        icmp.close();
        socket.close();
        host.close();
    }

    private static RawIpSocket openIn(NetworkNamespace namespace, int protocol) throws Exception {
        return NamespaceThread.call(
                namespace,
                () -> RawIpSocket.open(OuterProtocol.overIpv4(protocol), RawIpOptions.DEFAULTS));
    }

    private static PacketBatch batchOf(byte[]... packets) {
        PacketBatch batch = Packets.batch(packets.length);
        for (byte[] packet : packets) {
            Packets.append(batch, packet);
        }
        return batch;
    }

    /** An ICMP error from {@link #THEIRS}; it has arrived when this returns. */
    private void icmpArrives(int type, int code, int secondWord) {
        byte[] error = Packets.icmpError(type, code, secondWord, THEIRS, OURS, PACKET);
        assertThat(icmp.writeBatch(batchOf(error), 0)).isEqualTo(1);
    }

    private int drain(int limit) {
        return socket.errorQueue().drain(limit, errors::add);
    }

    @Test
    void aPortUnreachableTellsWhoSentItAndQuotesThePacket() {
        icmpArrives(3, 3, 0);

        assertThat(drain(10)).isEqualTo(1);

        OuterError error = errors.get(0);
        assertThat(error.isLocal()).isFalse();
        assertThat(error.errno()).isEqualTo(Errno.ECONNREFUSED);
        assertThat(error.type()).isEqualTo(3);
        assertThat(error.code()).isEqualTo(3);
        assertThat(error.infoMtu()).isZero();
        assertThat(error.offender().getHostAddress()).isEqualTo(THEIRS);
        assertThat(error.quoted()).isEqualTo(ByteBuffer.wrap(PACKET));
        assertThat(drain(10)).isZero();
    }

    @Test
    void fragmentationNeededTellsTheMtu() {
        icmpArrives(3, 4, 1300);
        assertThat(drain(10)).isEqualTo(1);
        assertThat(errors.get(0).infoMtu()).isEqualTo(1300);
        assertThat(errors.get(0).errno()).isEqualTo(Errno.EMSGSIZE);
    }

    @Test
    void thePointerOfAParameterProblemIsNoMtu() {
        icmpArrives(12, 0, 0x0800_0000);
        icmpArrives(11, 0, 0);
        assertThat(drain(10)).isEqualTo(2);
        assertThat(errors).extracting(OuterError::type).containsExactly(12, 11);
        assertThat(errors).extracting(OuterError::infoMtu).containsExactly(0, 0);
    }

    @Test
    void noMoreThanTheLimitIsTaken() {
        for (int i = 0; i < 5; i++) {
            icmpArrives(11, 0, 0);
        }
        assertThat(drain(2)).isEqualTo(2);
        assertThat(drain(2)).isEqualTo(2);
        assertThat(drain(2)).isEqualTo(1);
        assertThat(errors).hasSize(5);
    }

    @Test
    void anErrorThatWaitsCostsNoPacketThatIsSent() {
        icmpArrives(3, 1, 0);
        PacketBatch batch = batchOf(PACKET, PACKET, PACKET);

        assertThat(socket.writeBatch(batch, 0)).isEqualTo(3);

        assertThat(batch.isLive(0)).isTrue();
        assertThat(batch.isLive(1)).isTrue();
        PacketBatch received = Packets.batch(4);
        assertThat(socket.readBatch(received)).isEqualTo(3);
        assertThat(drain(10)).isEqualTo(1);
    }

    @Test
    void anErrorThatWaitsCostsNoPacketThatIsReceived() {
        socket.writeBatch(batchOf(PACKET, PACKET), 0);
        icmpArrives(3, 1, 0);
        assertThat(socket.readBatch(Packets.batch(4))).isEqualTo(2);
        assertThat(drain(10)).isEqualTo(1);
    }

    @Test
    void aWaitingErrorDoesNotHideThePacketsOwn() {
        icmpArrives(3, 1, 0);
        byte[] unroutable = Packets.ipv4(Packets.GRE, OURS, "203.0.113.1", "x");
        PacketBatch batch = batchOf(unroutable, PACKET);
        assertThat(socket.writeBatch(batch, 0)).isEqualTo(2);
        assertThat(batch.dropReason(0)).isEqualTo(DropReason.NO_ROUTE);
        assertThat(batch.isLive(1)).isTrue();
    }

    @Test
    void aPacketLargerThanTheLinkIsALocalErrorWithTheLinksMtu() {
        host.run("ip link set lo mtu 1500");
        PacketBatch batch = batchOf(Packets.ipv4(Packets.GRE, OURS, THEIRS, new byte[1481]));
        assertThat(socket.writeBatch(batch, 0)).isEqualTo(1);
        assertThat(batch.dropReason(0)).isEqualTo(DropReason.UNDERLAY_TOO_BIG);

        // Once for each of the two attempts.
        assertThat(drain(10)).isEqualTo(2);
        assertThat(errors.get(0))
                .isEqualTo(
                        new OuterError(
                                OuterErrorKind.TOO_BIG,
                                true,
                                Errno.EMSGSIZE,
                                0,
                                0,
                                1500,
                                null,
                                ByteBuffer.allocate(0)));
    }

    @Test
    void aPacketLargerThanThePathIsAnsweredByOurOwnAddressWhenItHasDf() {
        host.run("ip link add eth0 type veth peer name eth1");
        host.run("ip link set eth0 up");
        host.address("eth0", "192.0.2.1/24");
        host.run("ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:01 dev eth0");
        host.run("ip route add 192.0.2.2 dev eth0 mtu 1300");
        byte[] packet = Packets.ipv4(Packets.GRE, "192.0.2.1", "192.0.2.2", new byte[1281]);
        byte[] fragmentable = packet.clone();
        fragmentable[6] = 0;
        PacketBatch batch = batchOf(packet, PACKET, fragmentable);

        assertThat(socket.writeBatch(batch, 0)).isEqualTo(3);

        assertThat(batch.dropReason(0)).isEqualTo(DropReason.UNDERLAY_TOO_BIG);
        assertThat(batch.isLive(1)).isTrue();
        assertThat(batch.isLive(2)).isTrue();
        assertThat(drain(10)).isPositive();
        assertThat(errors)
                .allSatisfy(
                        error -> {
                            assertThat(error.isLocal()).isFalse();
                            assertThat(error.type()).isEqualTo(3);
                            assertThat(error.code()).isEqualTo(4);
                            assertThat(error.infoMtu()).isEqualTo(1300);
                            assertThat(error.offender().getHostAddress()).isEqualTo("192.0.2.1");
                            assertThat(error.quoted().get(6)).isEqualTo((byte) 0x40);
                        });
    }

    @Test
    @NeedsRoot(programs = {"nft", "ping"})
    void aPeersRejectionArrives() throws Exception {
        try (NetworkNamespace peer = NetworkNamespace.create("peer")) {
            NetworkNamespace.connect(host, "eth0", peer, "eth0");
            host.address("eth0", "192.0.2.1/24");
            peer.address("eth0", "192.0.2.2/24");
            peer.run("nft add table ip t");
            peer.exec("nft", "add chain ip t in { type filter hook input priority 0; }");
            peer.run("nft add rule ip t in ip protocol gre reject with icmp port-unreachable");
            byte[] packet = Packets.ipv4(Packets.GRE, "192.0.2.1", "192.0.2.2", "outer packet");

            socket.writeBatch(batchOf(packet), 0);
            host.run("ping -c 1 -W 5 192.0.2.2");

            assertThat(drain(10)).isEqualTo(1);
            assertThat(errors.get(0).code()).isEqualTo(3);
            assertThat(errors.get(0).offender().getHostAddress()).isEqualTo("192.0.2.2");
            assertThat(errors.get(0).quoted()).isEqualTo(ByteBuffer.wrap(packet));
            assertThat(socket.readBatch(Packets.batch(1))).isZero();
        }
    }
}

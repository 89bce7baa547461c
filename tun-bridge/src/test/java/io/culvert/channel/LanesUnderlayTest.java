package io.culvert.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.device.FlowSplit;
import io.culvert.device.OuterProtocol;
import io.culvert.device.RawIpOptions;
import io.culvert.device.RawIpSocket;
import io.culvert.device.SentinelSocket;
import io.culvert.device.UnderlayKind;
import io.culvert.linux.NativeMemory;
import io.culvert.packet.BatchPool;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.wire.IpProtocol;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sockets of lanes over both versions of IP. */
@NeedsRoot
class LanesUnderlayTest {
    private static final OuterProtocol OVER_IPV4 = OuterProtocol.overIpv4(IpProtocol.GRE);
    private static final OuterProtocol OVER_IPV6 = OuterProtocol.overIpv6(IpProtocol.GRE);
    private static final UnderlayNeeds NEEDS = new UnderlayNeeds(false, 1500, Set.of(0x7f00_0001));

    /** From 127.0.0.1 to 127.0.0.2, and from ::1 to ::1: GRE of nothing. */
    private static final String PACKET_4 = "4500001800004000402f00007f0000017f00000200000800";

    private static final String PACKET_6 =
            "6000000000042f40" + ("0".repeat(31) + "1").repeat(2) + "00000800";

    private NetworkNamespace host;

    @BeforeEach
    void makeHost() {
        host = NetworkNamespace.create("lanes");
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    private <T> T inHost(Callable<T> task) throws Exception {
        return NamespaceThread.call(host, task);
    }

    /** Raw sockets in the namespace, of IPv4 and of IPv6. */
    private List<Long> rawSockets() {
        return List.of(lines("/proc/net/raw"), lines("/proc/net/raw6"));
    }

    private long lines(String file) {
        return host.run("cat " + file).stdout().lines().count() - 1;
    }

    @Test
    void oneProtocolOverBothVersionsHasTwoSetsOfSockets() throws Exception {
        try (Lanes lanes = new Lanes(new LaneOptions(2, 0, false, UnderlayKind.RAW))) {
            inHost(() -> open(lanes, OVER_IPV4));
            assertThat(rawSockets()).as("two lanes' and a sentinel").containsExactly(3L, 0L);
            inHost(() -> open(lanes, OVER_IPV6));
            assertThat(rawSockets()).containsExactly(3L, 3L);
            inHost(() -> open(lanes, OVER_IPV6));
            assertThat(rawSockets()).as("opened before").containsExactly(3L, 3L);
            lanes.all().get(1).sendByLink(0, 1);
            lanes.all().get(1).sendByLink(0, 1);
            assertThat(lanes.missedPackets()).containsExactly(0, 0);
        }
        assertThat(rawSockets()).containsExactly(0L, 0L);
    }

    @Test
    void whatGoesOverIpv6IsCarriedByRawSocketsAlsoBesidePacketSockets() throws Exception {
        try (Lanes lanes = new Lanes(new LaneOptions(1, 0, false, UnderlayKind.PACKET))) {
            assertThat(lanes.underlay(OVER_IPV4)).isEqualTo(UnderlayKind.PACKET);
            assertThat(lanes.underlay(OVER_IPV6)).isEqualTo(UnderlayKind.RAW);
            inHost(() -> open(lanes, OVER_IPV6));
            assertThat(lines("/proc/net/packet")).isZero();
            assertThat(rawSockets()).containsExactly(0L, 2L);
            inHost(() -> open(lanes, OVER_IPV4));
            assertThat(lines("/proc/net/packet")).isEqualTo(1);
            assertThat(rawSockets()).containsExactly(1L, 2L);
            assertThat(lanes.missedPackets()).containsExactly(0);
        }
    }

    private static Lanes open(Lanes lanes, OuterProtocol protocol) {
        lanes.openUnderlay(protocol, NEEDS);
        return lanes;
    }

    @ParameterizedTest(name = "over IPv{0}")
    @ValueSource(ints = {4, 6})
    void packetsThatAFullBufferLostAreCountedOnceForAllLanes(int version) throws Exception {
        OuterProtocol protocol = new OuterProtocol(version, IpProtocol.GRE);
        RawIpOptions small = new RawIpOptions(1 << 16, 1 << 20, false, 128);
        try (SentinelSocket sentinel = inHost(() -> SentinelSocket.openCounting(protocol));
                RawIpSocket first =
                        inHost(() -> RawIpSocket.open(protocol, small, new FlowSplit(0, 2)));
                RawIpSocket second =
                        inHost(() -> RawIpSocket.open(protocol, small, new FlowSplit(1, 2)));
                RawIpSocket sender = inHost(() -> RawIpSocket.openForSending(protocol, small))) {
            MissedPackets missed = new MissedPackets(sentinel, List.of(first, second));
            PacketBatch sent = batch(100);
            byte[] packet = HexFormat.of().parseHex(version == 6 ? PACKET_6 : PACKET_4);
            while (!sent.isFull()) {
                sent.memory().put(sent.nextPacketAt(), packet);
                sent.append(packet.length);
            }
            for (int i = 0; i < 10; i++) {
                assertThat(sender.writeBatch(sent, 0)).isEqualTo(100);
            }
            assertThat(sent.isLive(99)).isTrue();
            long read = readAll(first) + readAll(second);

            long[] byLane = new long[2];
            missed.addTo(byLane);

            assertThat(read).isBetween(1L, 999L);
            assertThat(byLane[0] + byLane[1]).isEqualTo(1000 - read);
            missed.close();
        }
    }

    private static long readAll(RawIpSocket socket) {
        long read = 0;
        int count;
        do {
            count = socket.readBatch(batch(128));
            read += count;
        } while (count > 0);
        return read;
    }

    private static PacketBatch batch(int slots) {
        return new BatchPool(1, slots, 2048, NativeMemory::addressOf).acquire();
    }
}

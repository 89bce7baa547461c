package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NetworkNamespace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Two hosts on a cable, which delivers before a send returns, or very soon after, and packet
 * sockets at its ends.
 */
abstract class PacketSocketHosts {
    static final String OURS = "192.0.2.1";
    static final String OURS_BUT_NO_TUNNELS = "192.0.2.3";
    static final String THEIRS = "192.0.2.2";
    static final String BEHIND_US = "203.0.113.1";
    private static final int OURS_BITS = 0xc000_0201;
    private static final int THEIRS_BITS = 0xc000_0202;
    static final int TUNNEL = 3;
    static final int LOOKS = 200_000;

    private final List<AutoCloseable> open = new ArrayList<>();
    NetworkNamespace host;
    NetworkNamespace peer;

    @BeforeEach
    void connectHosts() {
        host = NetworkNamespace.create("host");
        peer = NetworkNamespace.create("peer");
        NetworkNamespace.connect(host, "eth0", peer, "eth0");
        host.address("eth0", OURS + "/24");
        host.address("eth0", OURS_BUT_NO_TUNNELS + "/24");
        peer.address("eth0", THEIRS + "/24");
        host.run("ip neigh replace " + THEIRS + " lladdr " + mac(peer) + " dev eth0");
        for (String address : List.of(OURS, OURS_BUT_NO_TUNNELS)) {
            peer.run("ip neigh replace " + address + " lladdr " + mac(host) + " dev eth0");
        }
        peer.run("ip route add " + BEHIND_US + " via " + OURS);
    }

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        host.close();
        peer.close();
    }

    PacketSocket ours(RingOptions options, FlowSplit split) throws Exception {
        return open(host, OURS_BITS, options, split);
    }

    PacketSocket ours() throws Exception {
        return ours(RingOptions.DEFAULTS, FlowSplit.NONE);
    }

    PacketSocket theirs() throws Exception {
        PacketSocket socket = open(peer, THEIRS_BITS, RingOptions.DEFAULTS, FlowSplit.NONE);
        socket.nextHop(TUNNEL, index(peer), address(mac(host)), 65_535);
        return socket;
    }

    private PacketSocket open(
            NetworkNamespace where, int local, RingOptions options, FlowSplit split)
            throws Exception {
        return NamespaceThread.call(
                where,
                () -> {
                    RawIpSocket routed =
                            keep(
                                    RawIpSocket.openForSending(
                                            OuterProtocol.overIpv4(Packets.GRE),
                                            RawIpOptions.DEFAULTS));
                    LocalPackets packets = new LocalPackets(Packets.GRE, List.of(local));
                    return keep(PacketSocket.open(packets, options, split, routed));
                });
    }

    private <T extends AutoCloseable> T keep(T socket) {
        open.add(socket);
        return socket;
    }

    RawIpSocket raw(NetworkNamespace where) throws Exception {
        return keep(
                NamespaceThread.call(
                        where,
                        () ->
                                RawIpSocket.open(
                                        OuterProtocol.overIpv4(Packets.GRE),
                                        RawIpOptions.DEFAULTS)));
    }

    static byte[] toUs(String payload) {
        return Packets.ipv4(Packets.GRE, THEIRS, OURS, payload);
    }

    static byte[] toThem(String payload) {
        return Packets.ipv4(Packets.GRE, OURS, THEIRS, payload);
    }

    static PacketBatch batchOf(byte[]... packets) {
        PacketBatch batch = Packets.batch(packets.length, 65_535);
        for (byte[] packet : packets) {
            batch.tunnel(Packets.append(batch, packet), TUNNEL);
        }
        return batch;
    }

    static void send(PacketDevice device, byte[]... packets) {
        PacketBatch batch = batchOf(packets);
        assertThat(device.writeBatch(batch, 0)).isEqualTo(packets.length);
        assertThat(reasons(batch)).containsOnlyNulls();
    }

    /** Reads until there are so many, and looks whether there are more. */
    static PacketBatch receive(PacketDevice device, int packets) {
        PacketBatch batch = Packets.batch(packets + 8, 65_535);
        for (int look = 0; look < LOOKS && batch.size() < packets; look++) {
            device.readBatch(batch);
            Thread.onSpinWait();
        }
        device.readBatch(batch);
        assertThat(batch.size()).isEqualTo(packets);
        return batch;
    }

    static List<String> payloads(PacketBatch batch) {
        return IntStream.range(0, batch.size())
                .mapToObj(slot -> Packets.payload(batch, slot))
                .toList();
    }

    static DropReason[] reasons(PacketBatch batch) {
        DropReason[] reasons = new DropReason[batch.size()];
        Arrays.setAll(reasons, batch::dropReason);
        return reasons;
    }

    static String mac(NetworkNamespace namespace) {
        return namespace.run("cat /sys/class/net/eth0/address").stdout().strip();
    }

    static long address(String mac) {
        return Long.parseLong(mac.replace(":", ""), 16);
    }

    static int index(NetworkNamespace namespace) {
        return Integer.parseInt(namespace.run("cat /sys/class/net/eth0/ifindex").stdout().strip());
    }
}

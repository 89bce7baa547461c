package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Packet sockets on a cable between two hosts, which delivers before a send returns, or very soon
 * after.
 */
@NeedsRoot
class PacketSocketTest {
    private static final String OURS = "192.0.2.1";
    private static final String OURS_BUT_NO_TUNNELS = "192.0.2.3";
    private static final String THEIRS = "192.0.2.2";
    private static final String BEHIND_US = "203.0.113.1";
    private static final int OURS_BITS = 0xc000_0201;
    private static final int THEIRS_BITS = 0xc000_0202;
    private static final int TUNNEL = 3;
    private static final int LOOKS = 200_000;

    private final List<AutoCloseable> open = new ArrayList<>();
    private NetworkNamespace host;
    private NetworkNamespace peer;

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

    // ---- fixtures

    private PacketSocket ours(RingOptions options, FlowSplit split) throws Exception {
        return open(host, OURS_BITS, options, split);
    }

    private PacketSocket ours() throws Exception {
        return ours(RingOptions.DEFAULTS, FlowSplit.NONE);
    }

    private PacketSocket theirs() throws Exception {
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
                            keep(RawIpSocket.openForSending(Packets.GRE, RawIpOptions.DEFAULTS));
                    LocalPackets packets = new LocalPackets(Packets.GRE, List.of(local));
                    return keep(PacketSocket.open(packets, options, split, routed));
                });
    }

    private <T extends AutoCloseable> T keep(T socket) {
        open.add(socket);
        return socket;
    }

    private RawIpSocket raw(NetworkNamespace where) throws Exception {
        return keep(
                NamespaceThread.call(
                        where, () -> RawIpSocket.open(Packets.GRE, RawIpOptions.DEFAULTS)));
    }

    private static byte[] toUs(String payload) {
        return Packets.ipv4(Packets.GRE, THEIRS, OURS, payload);
    }

    private static byte[] toThem(String payload) {
        return Packets.ipv4(Packets.GRE, OURS, THEIRS, payload);
    }

    private static PacketBatch batchOf(byte[]... packets) {
        PacketBatch batch = Packets.batch(packets.length, 65_535);
        for (byte[] packet : packets) {
            batch.tunnel(Packets.append(batch, packet), TUNNEL);
        }
        return batch;
    }

    private static void send(PacketDevice device, byte[]... packets) {
        PacketBatch batch = batchOf(packets);
        assertThat(device.writeBatch(batch, 0)).isEqualTo(packets.length);
        assertThat(reasons(batch)).containsOnlyNulls();
    }

    /** Reads until there are so many, and looks whether there are more. */
    private static PacketBatch receive(PacketDevice device, int packets) {
        PacketBatch batch = Packets.batch(packets + 8, 65_535);
        for (int look = 0; look < LOOKS && batch.size() < packets; look++) {
            device.readBatch(batch);
            Thread.onSpinWait();
        }
        device.readBatch(batch);
        assertThat(batch.size()).isEqualTo(packets);
        return batch;
    }

    private static List<String> payloads(PacketBatch batch) {
        return IntStream.range(0, batch.size())
                .mapToObj(slot -> Packets.payload(batch, slot))
                .toList();
    }

    private static DropReason[] reasons(PacketBatch batch) {
        DropReason[] reasons = new DropReason[batch.size()];
        Arrays.setAll(reasons, batch::dropReason);
        return reasons;
    }

    private static String mac(NetworkNamespace namespace) {
        return namespace.run("cat /sys/class/net/eth0/address").stdout().strip();
    }

    private static long address(String mac) {
        return Long.parseLong(mac.replace(":", ""), 16);
    }

    private static int index(NetworkNamespace namespace) {
        return Integer.parseInt(namespace.run("cat /sys/class/net/eth0/ifindex").stdout().strip());
    }

    // ---- in

    @Test
    void whatComesForOurAddressIsReadOnceAndInOrderAndNothingElse() throws Exception {
        PacketSocket socket = ours();
        RawIpSocket sender = raw(peer);
        assertThat(socket.readBatch(Packets.batch(1))).isZero();
        byte[][] packets = new byte[204][];
        for (int i = 0; i < 200; i++) {
            packets[i] = toUs("packet " + i);
        }
        packets[200] = Packets.ipv4(Packets.EXPERIMENTAL, THEIRS, OURS, "another protocol");
        packets[201] = Packets.ipv4(Packets.GRE, THEIRS, OURS_BUT_NO_TUNNELS, "another address");
        packets[202] = Packets.ipv4(Packets.GRE, THEIRS, BEHIND_US, "to be forwarded");
        packets[203] = toUs("last");

        send(sender, packets);

        PacketBatch received = receive(socket, 201);
        for (int i = 0; i < 200; i++) {
            assertThat(Packets.bytes(received, i)).isEqualTo(packets[i]);
            assertThat(received.isLive(i)).isTrue();
            assertThat(received.link(i)).isZero();
            assertThat(received.tunnel(i)).isEqualTo(PacketBatch.NO_TUNNEL);
        }
        assertThat(Packets.payload(received, 200)).isEqualTo("last");
        assertThat(socket.receiveDrops()).isZero();
    }

    @Test
    void aRingThatGoesRoundManyTimesKeepsTheOrder() throws Exception {
        PacketSocket socket = ours(new RingOptions(2 << 16, 2048, 1 << 20, false), FlowSplit.NONE);
        PacketSocket sender = theirs();
        for (int round = 0; round < 50; round++) {
            send(sender, toUs(round + " a"), toUs(round + " b"), toUs(round + " c"));
            assertThat(payloads(receive(socket, 3)))
                    .containsExactly(round + " a", round + " b", round + " c");
        }
        assertThat(socket.receiveDrops()).isZero();
    }

    @Test
    void framesThatDoNotFillTheirBlocksAreFollowedRound() throws Exception {
        PacketSocket socket = ours(new RingOptions(2 << 16, 9216, 1 << 20, true), FlowSplit.NONE);
        PacketSocket sender = theirs();
        for (int round = 0; round < 40; round++) {
            send(sender, toUs("packet " + round));
            PacketBatch received = receive(socket, 1);
            assertThat(payloads(received)).containsExactly("packet " + round);
            assertThat(received.link(0)).isEqualTo(index(host));
        }
    }

    @Test
    void aPacketLargerThanAFrameComesWholeAndInItsTurn() throws Exception {
        host.run("ip link set eth0 mtu 60000");
        peer.run("ip link set eth0 mtu 60000");
        PacketSocket socket = ours();
        byte[] large = Packets.ipv4(Packets.GRE, THEIRS, OURS, pattern(50_000));
        byte[] larger = Packets.ipv4(Packets.GRE, THEIRS, OURS, pattern(59_980));

        send(theirs(), toUs("before"), large, toUs("between"), larger, toUs("behind"));

        PacketBatch received = receive(socket, 5);
        assertThat(Packets.payload(received, 0)).isEqualTo("before");
        assertThat(Packets.bytes(received, 1)).isEqualTo(large);
        assertThat(Packets.payload(received, 2)).isEqualTo("between");
        assertThat(Packets.bytes(received, 3)).isEqualTo(larger);
        assertThat(Packets.payload(received, 4)).isEqualTo("behind");
        assertThat(socket.receiveDrops()).isZero();
    }

    private static byte[] pattern(int bytes) {
        byte[] pattern = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            pattern[i] = (byte) (i * 7);
        }
        return pattern;
    }

    @Test
    void whatTheHostsIpWouldNotTakeIsDroppedWithItsReason() throws Exception {
        PacketSocket socket = ours();
        byte[] wrongChecksum = toUs("checksum");
        wrongChecksum[10] ^= 1;
        byte[] wrongVersion = toUs("version");
        wrongVersion[0] = 0x65;
        byte[] cutShort = Arrays.copyOf(toUs("cut short"), 24);
        byte[] filledUp = Arrays.copyOf(toUs("filled up"), 46);

        send(theirs(), wrongChecksum, wrongVersion, cutShort, filledUp);

        PacketBatch received = receive(socket, 4);
        assertThat(reasons(received))
                .containsExactly(
                        DropReason.OUTER_MALFORMED,
                        DropReason.OUTER_MALFORMED,
                        DropReason.OUTER_MALFORMED,
                        null);
        assertThat(Packets.bytes(received, 3)).isEqualTo(toUs("filled up"));
    }

    @Test
    void whatFindsTheRingFullIsCountedAndTheNextArrive() throws Exception {
        PacketSocket socket = ours(new RingOptions(1 << 16, 2048, 1 << 20, false), FlowSplit.NONE);
        PacketSocket sender = theirs();
        byte[][] packets = new byte[50][];
        Arrays.setAll(packets, i -> toUs("packet " + i));
        send(sender, packets);
        for (int look = 0; look < LOOKS && socket.receiveDrops() < 18; look++) {
            Thread.onSpinWait();
        }
        assertThat(Packets.payload(receive(socket, 32), 31)).isEqualTo("packet 31");
        assertThat(socket.receiveDrops()).isEqualTo(18);
        send(sender, toUs("next"));
        assertThat(payloads(receive(socket, 1))).containsExactly("next");
        assertThat(socket.receiveDrops()).isEqualTo(18);
        socket.close();
        socket.close();
        assertThat(socket.receiveDrops()).isEqualTo(18);
        assertThat(socket.readBatch(Packets.batch(1))).isZero();
    }

    @Test
    void twoLanesShareThePacketsAndEachIsReadByOne() throws Exception {
        PacketSocket first = ours(RingOptions.DEFAULTS, new FlowSplit(0, 2));
        PacketSocket second = ours(RingOptions.DEFAULTS, new FlowSplit(1, 2));
        byte[][] packets = new byte[200][];
        for (int i = 0; i < packets.length; i++) {
            byte[] inner = Packets.ipv4(17, "198.51.100." + i, "198.51.100.250", "x");
            byte[] gre = new byte[4 + inner.length];
            gre[2] = 0x08;
            System.arraycopy(inner, 0, gre, 4, inner.length);
            packets[i] = Packets.ipv4(Packets.GRE, THEIRS, OURS, gre);
        }
        send(theirs(), packets);
        PacketBatch mine = Packets.batch(256);
        PacketBatch others = Packets.batch(256);
        for (int look = 0; look < LOOKS && mine.size() + others.size() < 200; look++) {
            first.readBatch(mine);
            second.readBatch(others);
        }
        assertThat(mine.size() + others.size()).isEqualTo(200);
        assertThat(mine.size()).isBetween(50, 150);
        assertThat(first.receiveDrops() + second.receiveDrops()).isZero();
    }

    @Test
    void fragmentsAreReadAsOnePacketByTheFirstLane() throws Exception {
        PacketSocket first = ours(RingOptions.DEFAULTS, new FlowSplit(0, 2));
        PacketSocket second = ours(RingOptions.DEFAULTS, new FlowSplit(1, 2));
        byte[] begin = Packets.ipv4(Packets.GRE, THEIRS, OURS, pattern(1_480));
        byte[] end = Packets.ipv4(Packets.GRE, THEIRS, OURS, pattern(20));
        ByteBuffer.wrap(begin).putShort(6, (short) 0x2000);
        ByteBuffer.wrap(end).putShort(6, (short) (1_480 / 8));
        for (byte[] fragment : List.of(begin, end)) {
            ByteBuffer header = ByteBuffer.wrap(fragment).putShort(10, (short) 0);
            header.putShort(10, Packets.checksum(header, Packets.IPV4_HEADER_BYTES));
        }

        send(theirs(), end, begin);

        PacketBatch received = receive(first, 1);
        assertThat(received.dropReason(0)).isNull();
        assertThat(received.lengthBytes(0)).isEqualTo(20 + 1_480 + 20);
        byte[] payload = Arrays.copyOfRange(Packets.bytes(received, 0), 20, 1_520);
        assertThat(Arrays.copyOf(payload, 1_480)).isEqualTo(pattern(1_480));
        assertThat(Arrays.copyOfRange(payload, 1_480, 1_500)).isEqualTo(pattern(20));
        assertThat(second.readBatch(Packets.batch(1))).isZero();
        assertThat(first.receiveDrops() + second.receiveDrops()).isZero();
    }

    // ---- out

    @Test
    @NeedsRoot(programs = "nft")
    void aTunnelsPacketsGoToItsNextHopPastTheHostsFirewallAndByTheHostWithoutOne()
            throws Exception {
        host.run("nft add table ip t");
        host.exec("nft", "add chain ip t out { type filter hook output priority 0; }");
        host.run("nft add rule ip t out ip protocol gre drop");
        PacketSocket socket = ours();
        RawIpSocket receiver = raw(peer);
        socket.nextHop(TUNNEL, index(host), address(mac(peer)), 1500);
        send(socket, toThem("one"), toThem("two"));
        assertThat(payloads(receive(receiver, 2))).containsExactly("one", "two");

        PacketBatch mixed = batchOf(toThem("three"), toThem("by the host"), toThem("four"));
        mixed.tunnel(1, TUNNEL + 1);
        assertThat(socket.writeBatch(mixed, 0)).isEqualTo(3);
        assertThat(reasons(mixed)).containsExactly(null, DropReason.UNDERLAY_FORBIDDEN, null);
        assertThat(payloads(receive(receiver, 2))).containsExactly("three", "four");

        socket.noNextHop(TUNNEL);
        PacketBatch afterwards = batchOf(toThem("five"));
        assertThat(socket.writeBatch(afterwards, 0)).isEqualTo(1);
        assertThat(afterwards.dropReason(0)).isEqualTo(DropReason.UNDERLAY_FORBIDDEN);
    }

    @Test
    void whatIsTooLargeForTheLinkOrLeavesItsHeaderToTheHostGoesByTheHost() throws Exception {
        PacketSocket socket = ours();
        RawIpSocket receiver = raw(peer);
        socket.nextHop(TUNNEL, index(host), address(mac(peer)), 1500);
        byte[] withoutIdentification = toThem("identified by the host");
        withoutIdentification[4] = 0;
        withoutIdentification[5] = 0;
        PacketBatch sent =
                batchOf(
                        withoutIdentification,
                        Packets.ipv4(Packets.GRE, OURS, THEIRS, new byte[1481]),
                        Packets.ipv4(Packets.GRE, "0.0.0.0", THEIRS, "the host's address"),
                        toThem("last"));

        assertThat(socket.writeBatch(sent, 0)).isEqualTo(4);

        assertThat(reasons(sent)).containsExactly(null, DropReason.UNDERLAY_TOO_BIG, null, null);
        PacketBatch received = receive(receiver, 3);
        assertThat(payloads(received))
                .containsExactly("identified by the host", "the host's address", "last");
        assertThat(Packets.bytes(received, 1)).containsSequence(192, 0, 2, 1);
    }

    @Test
    void aLinkThatIsDownOrGoneIsToldApart() throws Exception {
        PacketSocket socket = ours();
        int link = index(host);
        socket.nextHop(TUNNEL, link, address(mac(peer)), 1500);
        host.run("ip link set eth0 down");
        PacketBatch down = batchOf(toThem("x"), toThem("y"));
        assertThat(socket.writeBatch(down, 0)).isEqualTo(2);
        assertThat(reasons(down)).containsOnly(DropReason.UNDERLAY_DOWN);

        socket.nextHop(TUNNEL, 12_345, address(mac(peer)), 1500);
        PacketBatch gone = batchOf(toThem("x"));
        assertThat(socket.writeBatch(gone, 0)).isEqualTo(1);
        assertThat(gone.dropReason(0)).isEqualTo(DropReason.UNDERLAY_DOWN);
    }

    @Test
    void aPacketWhoseTailLiesInAnotherBatchLeavesInOnePiece() throws Exception {
        PacketSocket socket = ours();
        RawIpSocket receiver = raw(peer);
        socket.nextHop(TUNNEL, index(host), address(mac(peer)), 1500);
        byte[] whole = toThem("head and tail");
        PacketBatch source = Packets.batch(1);
        Packets.append(source, Arrays.copyOfRange(whole, 24, whole.length));
        PacketBatch sent = batchOf(Arrays.copyOf(whole, 24));
        sent.tailSource(source);
        sent.tail(0, source.start(0), whole.length - 24);

        assertThat(socket.writeBatch(sent, 0)).isEqualTo(1);

        assertThat(payloads(receive(receiver, 1))).containsExactly("head and tail");
    }

    @Test
    void readingAndWritingAllocatesNothing() throws Exception {
        PacketSocket socket = ours();
        PacketSocket far = theirs();
        socket.nextHop(TUNNEL, index(host), address(mac(peer)), 1500);
        PacketBatch sent = batchOf(toThem("a"), toThem("b"), toThem("c"));
        PacketBatch received = Packets.batch(8);
        long bytes =
                Allocation.bytesOf(
                        () -> {
                            socket.writeBatch(sent, 0);
                            received.clear();
                            while (received.size() < 3) {
                                far.readBatch(received);
                            }
                        });
        assertThat(bytes).isZero();
        assertThat(payloads(received)).containsExactly("a", "b", "c");
    }
}

package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NeedsRoot;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** By which way a packet socket sends, and what becomes of what cannot be sent. */
@NeedsRoot
class PacketSocketSendTest extends PacketSocketHosts {
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

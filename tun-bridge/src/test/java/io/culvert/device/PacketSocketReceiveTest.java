package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NeedsRoot;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a packet socket takes from the link. */
@NeedsRoot
class PacketSocketReceiveTest extends PacketSocketHosts {
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
    void jumboFramesAreReadWholeAndInOrder() throws Exception {
        host.run("ip link set eth0 mtu 9000");
        peer.run("ip link set eth0 mtu 9000");
        PacketSocket socket = ours(RingOptions.forLinks(9_000), FlowSplit.NONE);
        byte[] largest = Packets.ipv4(Packets.GRE, THEIRS, OURS, pattern(8_980));
        byte[][] packets = new byte[60][];
        Arrays.setAll(packets, i -> i % 2 == 0 ? largest : toUs("packet " + i));

        send(theirs(), packets);

        PacketBatch received = receive(socket, 60);
        for (int i = 0; i < 60; i++) {
            assertThat(Packets.bytes(received, i)).isEqualTo(packets[i]);
            assertThat(received.isLive(i)).isTrue();
        }
        assertThat(socket.receiveDrops()).isZero();
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
}

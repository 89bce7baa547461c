package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.peers.NeedsRoot;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packets whose ends lie in the slot of another: segments of a super-packet, and fragments. */
@NeedsRoot
class RawIpSocketTailTest {
    private RawIpHost host;

    @BeforeEach
    void makeHost() {
        host = new RawIpHost();
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    /** A packet of 24 bytes in its slot and a tail in another batch. */
    private static PacketBatch withTails(PacketBatch source, int packets, int tailBytes) {
        PacketBatch batch = Packets.batch(packets);
        batch.tailSource(source);
        while (!batch.isFull()) {
            int slot = Packets.append(batch, RawIpHost.gre("head"));
            batch.tail(slot, source.start(0) + slot * tailBytes, tailBytes);
        }
        return batch;
    }

    @Test
    void aTailIsSentBehindTheBytesInTheSlot() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS.recordingLink())) {
            PacketBatch source = Packets.batch(1);
            Packets.append(source, "first second third ".getBytes(StandardCharsets.US_ASCII));
            PacketBatch sent = Packets.batch(4);
            sent.tailSource(source);
            int at = source.start(0);
            sent.tail(Packets.append(sent, RawIpHost.gre("1:")), at, 5);
            Packets.append(sent, RawIpHost.gre("none"));
            sent.tail(Packets.append(sent, RawIpHost.gre("2:")), at + 6, 6);
            sent.tail(Packets.append(sent, RawIpHost.gre("3:")), at + 13, 5);
            sent.tunnel(2, 0);
            socket.boundLink(0, RawIpHost.LOOPBACK_INDEX);
            PacketBatch received = Packets.batch(4);

            assertThat(socket.writeBatch(sent, 0)).isEqualTo(4);
            assertThat(socket.readBatch(received)).isEqualTo(4);

            assertThat(Packets.payload(received, 0)).isEqualTo("1:first");
            assertThat(Packets.payload(received, 1)).isEqualTo("none");
            assertThat(Packets.payload(received, 2)).isEqualTo("2:second");
            assertThat(Packets.payload(received, 3)).isEqualTo("3:third");
            assertThat(received.tailBytes(0)).isZero();
            assertThat(RawIpHost.reasons(sent)).containsOnlyNulls();
        }
    }

    @Test
    void aMessageDoesNotKeepTheTailOfTheOneBefore() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            PacketBatch source = Packets.batch(1);
            Packets.append(source, new byte[100]);
            PacketBatch plain = Packets.batch(1);
            Packets.append(plain, RawIpHost.gre("plain"));
            PacketBatch received = Packets.batch(2);

            socket.writeBatch(withTails(source, 1, 100), 0);
            socket.writeBatch(plain, 0);

            assertThat(socket.readBatch(received)).isEqualTo(2);
            assertThat(received.lengthBytes(0)).isEqualTo(20 + 4 + 100);
            assertThat(Packets.bytes(received, 1)).isEqualTo(RawIpHost.gre("plain"));
        }
    }

    @Test
    void aPacketTooLongByItsTailIsDropped() throws Exception {
        host.namespace().run("ip link set lo mtu 1500");
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            PacketBatch source = Packets.batch(1, 8192);
            Packets.append(source, new byte[4 * 1477]);
            PacketBatch fits = withTails(source, 4, 1476);
            PacketBatch tooLong = withTails(source, 4, 1477);

            assertThat(socket.writeBatch(fits, 0)).isEqualTo(4);
            assertThat(socket.writeBatch(tooLong, 0)).isEqualTo(4);

            assertThat(RawIpHost.reasons(fits)).containsOnlyNulls();
            assertThat(RawIpHost.reasons(tooLong)).containsOnly(DropReason.UNDERLAY_TOO_BIG);
            assertThat(socket.readBatch(Packets.batch(16))).isEqualTo(4);
        }
    }

    @Test
    void sendingTailsAllocatesNothing() throws Exception {
        try (RawIpSocket socket = host.open(RawIpOptions.DEFAULTS)) {
            PacketBatch source = Packets.batch(1);
            Packets.append(source, new byte[800]);
            PacketBatch sent = withTails(source, 8, 100);
            PacketBatch received = Packets.batch(8);
            long bytes =
                    Allocation.bytesOf(
                            () -> {
                                socket.writeBatch(sent, 0);
                                received.clear();
                                socket.readBatch(received);
                            });
            assertThat(bytes).isZero();
            assertThat(received.size()).isEqualTo(8);
            assertThat(received.lengthBytes(7)).isEqualTo(20 + 4 + 100);
        }
    }
}

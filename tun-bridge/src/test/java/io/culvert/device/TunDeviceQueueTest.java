package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.LibC;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.NativeMemory;
import io.culvert.packet.PacketBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A local socket pair in the place of a TUN queue: it keeps packet boundaries, needs no privilege,
 * and can be full, which a TUN queue never is.
 */
class TunDeviceQueueTest {
    private static final int SOCK_NONBLOCK = 0x800; // linux/net.h
    private static final int TUNNEL = 0;

    private TunDevice near;
    private TunDevice far;

    @BeforeEach
    void connect() {
        NativeMemory fds = NativeMemory.allocate(2 * Integer.BYTES);
        int type = LinuxSocket.SOCK_DGRAM | SOCK_NONBLOCK;
        assertThat(LibC.socketpair(LinuxSocket.AF_UNIX, type, 0, fds.address())).isZero();
        near = plain(fds.bytes().getInt(0), "near");
        far = plain(fds.bytes().getInt(Integer.BYTES), "far");
    }

    private static TunDevice plain(int fd, String name) {
        return new TunDevice(new TunQueue(fd, name, false, TunOffloads.none("a test")), 0, TUNNEL);
    }

    @AfterEach
    void disconnect() {
        near.close();
        near.close();
        far.close();
    }

    @Test
    void aFullQueueStopsAtThePacketToGoOnWith() {
        PacketBatch batch = Packets.batch(1000);
        for (int i = 0; i < batch.capacity(); i++) {
            batch.tunnel(Packets.append(batch, new byte[] {(byte) (i >>> 8), (byte) i}), TUNNEL);
        }
        PacketBatch received = Packets.batch(1000);
        int slot = near.writeBatch(batch, 0);
        assertThat(slot).isBetween(1, 999);

        while (!received.isFull()) {
            assertThat(far.readBatch(received)).isPositive();
            slot = near.writeBatch(batch, slot);
        }

        assertThat(slot).isEqualTo(1000);
        for (int i = 0; i < 1000; i++) {
            assertThat(batch.isLive(i)).isTrue();
            assertThat(Packets.bytes(received, i)).isEqualTo(Packets.bytes(batch, i));
        }
        assertThat(far.readBatch(Packets.batch(1))).isZero();
    }

    @Test
    void aBatchThatIsPartlyFilledIsAppendedTo() {
        PacketBatch batch = Packets.batch(2);
        batch.tunnel(Packets.append(batch, new byte[] {1}), TUNNEL);
        batch.tunnel(Packets.append(batch, new byte[] {2}), TUNNEL);
        near.writeBatch(batch, 0);
        PacketBatch received = Packets.batch(2);
        Packets.append(received, new byte[] {9, 9});

        assertThat(far.readBatch(received)).isEqualTo(1);

        assertThat(Packets.bytes(received, 0)).containsExactly(9, 9);
        assertThat(Packets.bytes(received, 1)).containsExactly(1);
        assertThat(received.tunnel(0)).isEqualTo(PacketBatch.NO_TUNNEL);
        assertThat(far.readBatch(received)).isZero();
    }
}

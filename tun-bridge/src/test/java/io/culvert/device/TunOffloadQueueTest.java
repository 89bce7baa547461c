package io.culvert.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.LibC;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.NativeMemory;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A local socket pair in the place of a TUN queue with offload: it hands over any header. */
class TunOffloadQueueTest {
    private static final int SOCK_NONBLOCK = 0x800; // linux/net.h
    private static final int TUNNEL = 0;
    private static final int TCP = 6;
    private static final byte[] PLAIN = new byte[VirtioNetHeader.LENGTH];

    private TunDevice device;
    private TunDevice kernel;

    @BeforeEach
    void connect() {
        NativeMemory fds = NativeMemory.allocate(2 * Integer.BYTES);
        int type = LinuxSocket.SOCK_DGRAM | SOCK_NONBLOCK;
        assertThat(LibC.socketpair(LinuxSocket.AF_UNIX, type, 0, fds.address())).isZero();
        TunOffloads all = new TunOffloads(true, true, true, true, "");
        TunOffloads none = TunOffloads.none("a test");
        int near = fds.bytes().getInt(0);
        int far = fds.bytes().getInt(Integer.BYTES);
        device = new TunDevice(new TunQueue(near, "near", false, all), 0, TUNNEL);
        kernel = new TunDevice(new TunQueue(far, "far", false, none), 0, TUNNEL);
    }

    @AfterEach
    void disconnect() {
        device.close();
        kernel.close();
    }

    /** Has the other end write a header and a packet. */
    private void hand(byte[] header, byte[] packet) {
        PacketBatch batch = Packets.batch(1, 8192);
        byte[] both = Arrays.copyOf(header, header.length + packet.length);
        System.arraycopy(packet, 0, both, header.length, packet.length);
        batch.tunnel(Packets.append(batch, both), TUNNEL);
        kernel.writeBatch(batch, 0);
        assertThat(batch.isLive(0)).isTrue();
    }

    private static byte[] tcp(int payloadBytes) {
        byte[] segment = new byte[20 + payloadBytes];
        segment[12] = 0x50;
        for (int i = 20; i < segment.length; i++) {
            segment[i] = (byte) i;
        }
        return Packets.ipv4(TCP, "192.0.2.1", "192.0.2.2", segment);
    }

    private static byte[] superHeader(int segmentBytes) {
        ByteBuffer memory = ByteBuffer.allocate(VirtioNetHeader.LENGTH + 40);
        memory.put(VirtioNetHeader.LENGTH, tcp(0));
        new VirtioNetHeader()
                .wrapBefore(memory, VirtioNetHeader.LENGTH)
                .describeSegments(65_535, segmentBytes);
        return Arrays.copyOf(memory.array(), VirtioNetHeader.LENGTH);
    }

    /** What the other end reads, header and packet. */
    private byte[] written() {
        PacketBatch batch = Packets.batch(1, 65_535);
        assertThat(kernel.readBatch(batch)).isEqualTo(1);
        return Packets.bytes(batch, 0);
    }

    private static void assertHeadroomAlone(PacketBatch batch, int slot) {
        assertThat(batch.start(slot)).isEqualTo(batch.slab().packetAt(slot));
    }

    @Test
    void theHeaderLandsInTheHeadroomAndThePacketInItsPlace() {
        byte[] packet = tcp(3000);
        hand(PLAIN, packet);
        hand(superHeader(1000), packet);
        PacketBatch batch = Packets.batch(4, 8192);

        assertThat(device.readBatch(batch)).isEqualTo(2);

        for (int slot = 0; slot < 2; slot++) {
            assertHeadroomAlone(batch, slot);
            assertThat(Packets.bytes(batch, slot)).isEqualTo(packet);
            assertThat(batch.isLive(slot)).isTrue();
            assertThat(batch.tunnel(slot)).isEqualTo(TUNNEL);
        }
        assertThat(batch.segmentBytes(0)).isZero();
        assertThat(batch.segmentBytes(1)).isEqualTo(1000);
    }

    @Test
    void aMalformedHeaderDropsItsPacketAndTheNextIsRead() {
        byte[] behindTheEnd = {1, 0, 0, 0, 0, 0, 0x14, 0, (byte) 0xff, (byte) 0xff};
        byte[] unknownKind = {1, 2, 40, 0, 1, 1, 0x14, 0, 16, 0};
        hand(new byte[] {1}, new byte[0]);
        hand(new byte[9], new byte[0]);
        hand(behindTheEnd, tcp(10));
        hand(unknownKind, tcp(10));
        hand(superHeader(1000), new byte[0]);
        hand(PLAIN, tcp(10));
        PacketBatch batch = Packets.batch(8);

        assertThat(device.readBatch(batch)).isEqualTo(6);

        for (int slot = 0; slot < 5; slot++) {
            assertThat(batch.dropReason(slot)).isEqualTo(DropReason.PAYLOAD_MALFORMED);
            assertThat(batch.tunnel(slot)).isEqualTo(TUNNEL);
            assertThat(batch.segmentBytes(slot)).isZero();
        }
        assertThat(batch.lengthBytes(0)).isZero();
        assertThat(batch.lengthBytes(1)).isZero();
        assertThat(batch.isLive(5)).isTrue();
        assertThat(Packets.bytes(batch, 5)).isEqualTo(tcp(10));
    }

    @Test
    void aReadEndsWithTheSuperPacketThatMakesItEnoughSegments() {
        // 50 segments each: the third is the one that passes 128.
        for (int i = 0; i < 4; i++) {
            hand(superHeader(100), tcp(5000));
        }
        PacketBatch batch = Packets.batch(16, 8192);

        assertThat(device.readBatch(batch)).isEqualTo(3);
        assertThat(device.readBatch(batch)).isEqualTo(1);
        assertThat(device.readBatch(batch)).isZero();
    }

    @Test
    void aPlainPacketIsWrittenBehindAHeaderOfZeros() {
        PacketBatch batch = Packets.batch(1);
        batch.tunnel(Packets.append(batch, tcp(7)), TUNNEL);
        for (int i = 1; i <= VirtioNetHeader.LENGTH + 1; i++) {
            batch.memory().put(batch.start(0) - i, (byte) 0xa5);
        }

        device.writeBatch(batch, 0);

        byte[] written = written();
        assertThat(Arrays.copyOf(written, 10)).isEqualTo(PLAIN);
        assertThat(Arrays.copyOfRange(written, 10, written.length)).isEqualTo(tcp(7));
        assertThat(batch.memory().get(batch.start(0) - 11)).isEqualTo((byte) 0xa5);
    }

    @Test
    void aChainIsWrittenAsOneSuperPacketWithoutTheHeadersOfItsMembers() {
        PacketBatch batch = chain(3, 1000);
        Packets.append(batch, tcp(1));
        batch.tunnel(3, TUNNEL + 1);

        assertThat(device.writeBatch(batch, 0)).isEqualTo(4);

        byte[] written = written();
        byte[] expectedHeader = superHeader(1000);
        assertThat(Arrays.copyOf(written, 10)).isEqualTo(expectedHeader);
        assertThat(written).hasSize(10 + 40 + 3 * 1000);
        assertThat(Arrays.copyOfRange(written, 10, 1050)).isEqualTo(tcp(1000));
        for (int i = 1; i < 3; i++) {
            int at = 10 + 40 + i * 1000;
            assertThat(Arrays.copyOfRange(written, at, at + 1000))
                    .isEqualTo(Arrays.copyOfRange(tcp(1000), 40, 1040));
        }
        assertThat(kernel.readBatch(Packets.batch(1))).isZero();
        assertThat(batch.dropReason(0)).isNull();
    }

    private static PacketBatch chain(int members, int payloadBytes) {
        PacketBatch batch = Packets.batch(members + 1);
        for (int slot = 0; slot < members; slot++) {
            batch.tunnel(Packets.append(batch, tcp(payloadBytes)), TUNNEL);
            if (slot > 0) {
                batch.join(slot - 1, slot, 40);
            }
        }
        batch.segmentBytes(0, payloadBytes);
        return batch;
    }

    @Test
    void aChainThatCannotBeWrittenIsDroppedWhole() {
        PacketBatch tooMany = chain(129, 10);
        PacketBatch noTcp = chain(2, 10);
        noTcp.memory().put(noTcp.start(0) + 9, (byte) 47);
        PacketBatch gone = chain(2, 10);

        device.writeBatch(tooMany, 0);
        device.writeBatch(noTcp, 0);
        kernel.close();
        device.writeBatch(gone, 0);

        for (PacketBatch batch : new PacketBatch[] {tooMany, noTcp, gone}) {
            for (int slot = 0; slot < batch.size(); slot++) {
                assertThat(batch.dropReason(slot)).isEqualTo(DropReason.DEVICE_REFUSED);
            }
        }
    }

    @Test
    void theLongestChainIsWritten() {
        PacketBatch longest = chain(128, 100);

        device.writeBatch(longest, 0);

        assertThat(longest.isLive(0)).isTrue();
        assertThat(written()).hasSize(10 + 40 + 128 * 100);
    }

    @Test
    void aDeviceWithoutOffloadRefusesChains() {
        PacketBatch chain = chain(2, 10);

        kernel.writeBatch(chain, 0);

        assertThat(chain.dropReason(0)).isEqualTo(DropReason.DEVICE_REFUSED);
        assertThat(chain.dropReason(1)).isEqualTo(DropReason.DEVICE_REFUSED);
        assertThat(device.readBatch(Packets.batch(1))).isZero();
    }

    @Test
    void aFullQueueStopsAtTheChainToGoOnWith() {
        PacketBatch chain = chain(3, 1000);
        int chains = 0;
        while (device.writeBatch(chain, 0) == 3) {
            chains++;
        }
        assertThat(chains).isPositive();
        assertThat(device.writeBatch(chain, 0)).isZero();
        assertThat(chain.isLive(0)).isTrue();

        written();
        assertThat(device.writeBatch(chain, 0)).isEqualTo(3);
    }

    @Test
    void superPacketsAllocateNothing() {
        PacketBatch chain = chain(8, 100);
        PacketBatch read = Packets.batch(4, 8192);
        PacketBatch answer = Packets.batch(1, 8192);
        byte[] header = superHeader(100);
        byte[] packet = tcp(800);
        byte[] both = Arrays.copyOf(header, header.length + packet.length);
        System.arraycopy(packet, 0, both, header.length, packet.length);
        answer.tunnel(Packets.append(answer, both), TUNNEL);
        PacketBatch written = Packets.batch(4, 8192);

        long bytes =
                Allocation.bytesOf(
                        () -> {
                            device.writeBatch(chain, 0);
                            written.clear();
                            kernel.readBatch(written);
                            kernel.writeBatch(answer, 0);
                            read.clear();
                            device.readBatch(read);
                        });

        assertThat(bytes).isZero();
        assertThat(written.lengthBytes(0)).isEqualTo(10 + 40 + 800);
        assertThat(read.segmentBytes(0)).isEqualTo(100);
    }
}

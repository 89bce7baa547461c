package io.culvert.channel;

import io.culvert.device.PacketDevice;
import io.culvert.linux.Errno;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxException;
import io.culvert.linux.NativeMemory;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One end of an {@code AF_UNIX} datagram pair as a packet device: message boundaries, a queue that
 * fills, and readiness that epoll reports, without root.
 */
final class FakeDevice implements PacketDevice {
    private static final int AF_UNIX = 1; // sys/socket.h
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = 0x800;

    private final int fd;
    final AtomicInteger timesClosed = new AtomicInteger();
    volatile boolean isGone;
    final AtomicInteger readCalls = new AtomicInteger();
    final AtomicInteger timesFull = new AtomicInteger();

    FakeDevice(int fd) {
        this.fd = fd;
    }

    /** Two descriptors, joined. */
    static int[] pair() {
        NativeMemory fds = NativeMemory.allocate(2 * Integer.BYTES);
        if (LibC.socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds.address()) < 0) {
            throw new LinuxException("cannot make a socket pair", LibC.errno(), "");
        }
        return new int[] {fds.bytes().getInt(0), fds.bytes().getInt(Integer.BYTES)};
    }

    /** A directory: open, but nothing that epoll takes. */
    static FakeDevice thatCannotBeWaitedFor() {
        return new FakeDevice(LibC.open(NativeMemory.ofText("/").address(), 0));
    }

    @Override
    public int fd() {
        return fd;
    }

    @Override
    public int readBatch(PacketBatch batch) {
        readCalls.incrementAndGet();
        checkPresent();
        int packets = 0;
        while (!batch.isFull()) {
            long memory = batch.slab().address() + batch.nextPacketAt();
            long bytes = LibC.recv(fd, memory, batch.slab().slotBytes(), 0);
            if (bytes < 0) {
                return packets;
            }
            batch.append((int) bytes);
            packets++;
        }
        return packets;
    }

    @Override
    public int writeBatch(PacketBatch batch, int fromSlot) {
        checkPresent();
        for (int slot = fromSlot; slot < batch.size(); slot++) {
            if (batch.isLive(slot)) {
                long memory = batch.slab().address() + batch.start(slot);
                if (LibC.send(fd, memory, batch.lengthBytes(slot), 0) < 0) {
                    if (LibC.errno() == Errno.EAGAIN) {
                        timesFull.incrementAndGet();
                        return slot;
                    }
                    batch.drop(slot, DropReason.UNDERLAY_REFUSED);
                }
            }
        }
        return batch.size();
    }

    private void checkPresent() {
        if (isGone) {
            throw new LinuxException("cannot use fake0", Errno.EBADFD, "it was deleted");
        }
    }

    @Override
    public void close() {
        timesClosed.incrementAndGet();
        LibC.close(fd);
    }
}

package io.culvert.device;

import io.culvert.linux.LibC;
import io.culvert.linux.LinuxSocket;
import io.culvert.linux.PacketRing;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import io.culvert.wire.Ipv4Header;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes IPv4 packets from a packet socket's ring as the host's IP would: those that are intact, cut
 * to their length, and whole. Confined to the socket's thread but for {@link #lost}.
 */
final class RingReceiver implements AutoCloseable {
    private final int fd;
    private final PacketRing ring;
    private final boolean recordsLink;
    private final FragmentAssembly fragments = new FragmentAssembly();
    private final Ipv4Header received = new Ipv4Header();
    private final AtomicLong lost = new AtomicLong();
    private boolean isClosed;

    /**
     * @param fd the socket's
     * @param recordsLink whether each packet's arrival interface is recorded in the batch
     */
    RingReceiver(int fd, PacketRing ring, boolean recordsLink) {
        this.fd = fd;
        this.ring = ring;
        this.recordsLink = recordsLink;
    }

    /** {@link PacketDevice#readBatch}. */
    int readBatch(PacketBatch batch) {
        int first = batch.size();
        while (!isClosed && !batch.isFull() && ring.hasPacket()) {
            int lengthBytes = copyNext(batch);
            if (lengthBytes >= 0) {
                take(batch, lengthBytes);
            } else {
                lost(1);
            }
            ring.giveBack();
        }
        return batch.size() - first;
    }

    /**
     * Copies the next packet to where the batch's next one belongs.
     *
     * @return its length in bytes; -1 when it is not there in full
     */
    private int copyNext(PacketBatch batch) {
        PacketSlab slab = batch.slab();
        int at = batch.nextPacketAt();
        int lengthBytes = ring.lengthBytes();
        if (lengthBytes <= ring.framedBytes() && lengthBytes <= slab.slotBytes()) {
            batch.memory().put(at, ring.memory(), ring.packetAt(), lengthBytes);
            return lengthBytes;
        }
        long address = slab.requireAddress() + at;
        return ring.isQueued()
                ? (int) LibC.recv(fd, address, slab.slotBytes(), LinuxSocket.MSG_DONTWAIT)
                : -1;
    }

    /** Takes the packet as the host's IP would: checked, cut to its length, and whole. */
    private void take(PacketBatch batch, int lengthBytes) {
        received.wrap(batch.memory(), batch.nextPacketAt());
        boolean isIntact = received.isValid(lengthBytes) && received.hasValidHeaderChecksum();
        int packetBytes = isIntact ? received.totalLengthBytes() : lengthBytes;
        if (isIntact && received.isFragment()) {
            int wholeBytes = assemble(batch);
            if (wholeBytes == FragmentAssembly.UNFINISHED) {
                return;
            }
            isIntact = wholeBytes > 0;
            packetBytes = isIntact ? wholeBytes : packetBytes;
        }
        int slot = batch.append(packetBytes);
        if (recordsLink) {
            batch.link(slot, ring.arrivalLink());
        }
        if (!isIntact) {
            batch.drop(slot, DropReason.OUTER_MALFORMED);
        }
    }

    private int assemble(PacketBatch batch) {
        long givenUpBefore = fragments.givenUp();
        int wholeBytes =
                fragments.copyFragment(batch.memory(), batch.nextPacketAt(), System.nanoTime());
        lost(fragments.givenUp() - givenUpBefore);
        return wholeBytes;
    }

    private void lost(long packets) {
        lost.lazySet(lost.getPlain() + packets);
    }

    /**
     * Packets that were larger than a frame and found no room beside the ring, and those of which
     * not all fragments came; any thread.
     */
    long lost() {
        return lost.get();
    }

    /** Unmaps the ring; nothing is read any more. */
    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            ring.close();
        }
    }
}

package io.culvert.device;

import io.culvert.linux.Errno;
import io.culvert.linux.GatherList;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxException;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import java.util.List;

/*
 * What the kernel answers, seen on 6.18:
 *
 *   the device is      read      write    poll
 *   up                 EAGAIN    written  POLLOUT, and POLLIN when a packet waits
 *   down               EAGAIN    EIO      nothing, until it goes up, which wakes
 *   renamed            as up
 *   in another netns   as down there (moving takes it down), as up once it is up
 *   deleted            EBADFD    EBADFD   POLLERR, once with EPOLLET
 *   in a deleted netns EBADFD    EBADFD   POLLERR: it is deleted with the namespace
 *
 * A write never answers EAGAIN: the send buffer of a TUN queue is unlimited, and a packet that the
 * stack does not want is dropped there. An empty write, and a packet whose first half octet is not
 * 4 or 6, answer EINVAL. One packet of 65,535 bytes and more can be written and read.
 */

/**
 * A TUN or TAP device: the network interface whose packets, or Ethernet frames, are the inner
 * packets of one tunnel.
 *
 * <p>Each read gives one packet, straight into its slot; {@link #readBatch} marks it with the
 * tunnel's index, and {@link #writeBatch} writes those that are marked with it. A packet that is
 * longer than a slot arrives cut off, and its own length field tells. With {@link Offload} that one
 * packet may be a super-packet of up to 64 KiB, and each has a {@link VirtioNetHeader} before it,
 * in its slot's headroom.
 *
 * <p>Confined to its lane's thread. The descriptor stays good when the interface is renamed or
 * moved to another network namespace. A device that this call made is deleted when it is closed; a
 * persistent one, of {@code ip tuntap add}, stays.
 */
public final class TunDevice implements PacketDevice {
    /**
     * Segments after which {@link #readBatch} lets go, full or not: what one {@code sendmmsg}
     * takes. Who splits super-packets needs room for these, and for those of one super-packet more.
     */
    public static final int MOST_SEGMENTS_PER_READ = 128;

    /** Pieces of one super-packet: a batch has 128 slots at most. */
    private static final int MOST_PIECES = 128;

    private static final int PIECES_WITH_TAIL = 2;

    private final TunQueue queue;
    private final int fd;
    private final int interfaceIndex;
    private final int tunnelIndex;
    private final boolean isWriteOnly;
    private final int virtioBytes;
    private final VirtioNetHeader virtio;
    private final GatherList pieces;
    private boolean closed;

    /** Tests put one end of a local socket pair in the place of a TUN queue. */
    TunDevice(TunQueue queue, int interfaceIndex, int tunnelIndex) {
        this(queue, interfaceIndex, tunnelIndex, false);
    }

    private TunDevice(TunQueue queue, int interfaceIndex, int tunnelIndex, boolean isWriteOnly) {
        this.isWriteOnly = isWriteOnly;
        this.queue = queue;
        this.fd = queue.fd();
        this.interfaceIndex = interfaceIndex;
        this.tunnelIndex = tunnelIndex;
        this.virtio = new VirtioNetHeader(queue.isEthernet());
        boolean isOffloaded = queue.offloads().isOn();
        this.virtioBytes = isOffloaded ? VirtioNetHeader.LENGTH : 0;
        this.pieces = new GatherList(isOffloaded ? MOST_PIECES : PIECES_WITH_TAIL);
    }

    /**
     * Opens a device without offload.
     *
     * @see #open(String, int, Offload)
     */
    public static TunDevice open(String name, int tunnelIndex) {
        return open(name, tunnelIndex, Offload.OFF);
    }

    /**
     * Makes a TUN device, or attaches to the persistent one of that name, in the calling thread's
     * network namespace. A new one is down and has no address.
     *
     * @param name 1 to 15 bytes; {@code %d} in it becomes the first free number
     * @param tunnelIndex index in its lane of the tunnel that the packets belong to
     * @param offload whether super-packets are read and written; what came of it is told by {@link
     *     #offloads}
     * @throws LinuxException when the device cannot be had, saying what to do
     */
    public static TunDevice open(String name, int tunnelIndex, Offload offload) {
        return openQueues(name, tunnelIndex, offload, 1, false).get(0);
    }

    /**
     * Opens the same device with several queues; the kernel gives each a share of the flows.
     *
     * @param queues how many are wanted, 1 or more
     * @param isEthernet whether it is a TAP device, whose packets are Ethernet frames
     * @return as many, each with all that is said of a device here; or a single one, where the
     *     device is there already and was made for one queue
     * @throws LinuxException when the device cannot be had, saying what to do
     */
    public static List<TunDevice> openQueues(
            String name, int tunnelIndex, Offload offload, int queues, boolean isEthernet) {
        List<TunQueue> opened = TunQueues.open(name, offload, queues, isEthernet);
        try {
            int interfaceIndex = indexOf(opened.get(0).name());
            return opened.stream()
                    .map(queue -> new TunDevice(queue, interfaceIndex, tunnelIndex))
                    .toList();
        } catch (LinuxException e) {
            opened.forEach(TunQueue::close);
            throw e;
        }
    }

    /**
     * The same queue for another lane, which only writes: what there is to read is this one's.
     *
     * @throws LinuxException when the system refuses another descriptor
     */
    public TunDevice writeOnlyTwin() {
        return new TunDevice(queue.duplicate(), interfaceIndex, tunnelIndex, true);
    }

    /** Whether somebody else reads this queue. */
    public boolean isWriteOnly() {
        return isWriteOnly;
    }

    /** Whether it was there before, and stays when the last one that holds it lets go. */
    public boolean isPersistent() {
        return queue.isPersistent();
    }

    private static int indexOf(String name) {
        int index = TunQueue.indexOf(name);
        if (index == 0) {
            throw new LinuxException(
                    "cannot find the index of " + name,
                    LibC.errno(),
                    "it was deleted or moved while we attached to it");
        }
        return index;
    }

    @Override
    public int fd() {
        return fd;
    }

    /** The interface's name when it was opened. */
    public String name() {
        return queue.name();
    }

    /** What the kernel agreed to when the device was opened, and why it is not more. */
    public TunOffloads offloads() {
        return queue.offloads();
    }

    /** The interface's index when it was opened. */
    public int interfaceIndex() {
        return interfaceIndex;
    }

    /** Index in its lane of the tunnel that the packets belong to. */
    public int tunnelIndex() {
        return tunnelIndex;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Packets have their checksums, and super-packets are marked by {@link
     * PacketBatch#segmentBytes(int)}, with a partial one. A packet that the kernel's own header
     * does not fit is dropped.
     *
     * @throws LinuxException with {@link Errno#EBADFD} when the device was deleted
     */
    @Override
    public int readBatch(PacketBatch batch) {
        PacketSlab slab = batch.slab();
        long memoryAddress = slab.requireAddress() - virtioBytes;
        long roomBytes = slab.slotBytes() + virtioBytes;
        int before = batch.size();
        int segments = 0;
        while (!batch.isFull() && segments < MOST_SEGMENTS_PER_READ) {
            long readBytes = LibC.read(fd, memoryAddress + batch.nextPacketAt(), roomBytes);
            if (readBytes >= 0) {
                segments += append(batch, (int) readBytes);
            } else {
                int errno = LibC.errno();
                if (errno == Errno.EBADFD && batch.size() == before) {
                    throw new LinuxException(
                            "cannot read from " + name(), errno, "somebody deleted it");
                }
                if (errno != Errno.EINTR) {
                    break;
                }
            }
        }
        return batch.size() - before;
    }

    /** Takes what was read as the batch's next packet; returns how many it will be on the wire. */
    private int append(PacketBatch batch, int readBytes) {
        int slot = batch.append(Math.max(0, readBytes - virtioBytes));
        batch.tunnel(slot, tunnelIndex);
        return virtioBytes == 0 ? 1 : obeyHeader(batch, slot, readBytes);
    }

    private int obeyHeader(PacketBatch batch, int slot, int readBytes) {
        int packetBytes = batch.lengthBytes(slot);
        virtio.wrapBefore(batch.memory(), batch.start(slot));
        if (readBytes < virtioBytes || !virtio.isValid(packetBytes)) {
            batch.drop(slot, DropReason.PAYLOAD_MALFORMED);
            return 1;
        }
        if (virtio.isSuperPacket()) {
            batch.segmentBytes(slot, virtio.segmentBytes());
            return virtio.segments(packetBytes);
        }
        if (virtio.needsChecksum()) {
            virtio.completeChecksum(packetBytes);
        }
        return 1;
    }

    /**
     * {@inheritDoc}
     *
     * <p>With offload, a packet that has {@link PacketBatch#segmentBytes(int)} is written as a
     * super-packet, with the payload of those joined to it; the bytes before each packet's start
     * are overwritten.
     */
    @Override
    public int writeBatch(PacketBatch batch, int fromSlot) {
        long memoryAddress = batch.slab().requireAddress();
        int size = batch.size();
        for (int slot = fromSlot; slot < size; slot++) {
            if (batch.tunnel(slot) == tunnelIndex && batch.isLive(slot)) {
                int errno = write(batch, slot, memoryAddress);
                if (errno == Errno.EAGAIN) {
                    return slot;
                }
                if (errno != 0) {
                    batch.drop(slot, reasonFor(errno));
                }
            }
        }
        return size;
    }

    /** Writes a packet; returns 0, or why it cannot. */
    private int write(PacketBatch batch, int slot, long memoryAddress) {
        if (batch.nextJoined(slot) != PacketBatch.NONE) {
            return writeJoined(batch, slot, memoryAddress);
        }
        if (virtioBytes != 0 && !describe(batch, slot, batch.totalBytes(slot))) {
            return Errno.EINVAL;
        }
        if (batch.tailBytes(slot) > 0) {
            return writeWithTail(batch, slot, memoryAddress);
        }
        long address = memoryAddress + batch.start(slot) - virtioBytes;
        int sizeBytes = batch.lengthBytes(slot) + virtioBytes;
        while (LibC.write(fd, address, sizeBytes) < 0) {
            int errno = LibC.errno();
            if (errno != Errno.EINTR) {
                return errno;
            }
        }
        return 0;
    }

    /** Writes a packet with those joined to it; returns 0, or why it cannot. */
    private int writeJoined(PacketBatch batch, int head, long memoryAddress) {
        if (virtioBytes == 0) {
            return Errno.EINVAL;
        }
        int packetBytes = batch.lengthBytes(head);
        pieces.begin(memoryAddress + batch.start(head) - virtioBytes, packetBytes + virtioBytes);
        for (int s = batch.nextJoined(head); s != PacketBatch.NONE; s = batch.nextJoined(s)) {
            int headerBytes = batch.joinedHeaderBytes(s);
            int payloadBytes = batch.lengthBytes(s) - headerBytes;
            if (!pieces.add(memoryAddress + batch.start(s) + headerBytes, payloadBytes)) {
                return Errno.EMSGSIZE;
            }
            packetBytes += payloadBytes;
        }
        if (!describe(batch, head, packetBytes)) {
            return Errno.EINVAL;
        }
        return writePieces();
    }

    private int writeWithTail(PacketBatch batch, int slot, long memoryAddress) {
        long tailAddress = batch.tailSource().slab().requireAddress() + batch.tailStart(slot);
        pieces.begin(
                memoryAddress + batch.start(slot) - virtioBytes,
                batch.lengthBytes(slot) + virtioBytes);
        return pieces.add(tailAddress, batch.tailBytes(slot)) ? writePieces() : Errno.EMSGSIZE;
    }

    private int writePieces() {
        while (LibC.writev(fd, pieces.address(), pieces.count()) < 0) {
            int errno = LibC.errno();
            if (errno != Errno.EINTR) {
                return errno;
            }
        }
        return 0;
    }

    /** Lays down the header before the packet; false when there is none that tells its kind. */
    private boolean describe(PacketBatch batch, int slot, int packetBytes) {
        virtio.wrapBefore(batch.memory(), batch.start(slot));
        int segmentBytes = batch.segmentBytes(slot);
        if (segmentBytes > 0) {
            return virtio.describeSegments(packetBytes, segmentBytes);
        }
        virtio.describePlain();
        return true;
    }

    private static DropReason reasonFor(int errno) {
        return switch (errno) {
            case Errno.EIO -> DropReason.DEVICE_DOWN;
            case Errno.EBADFD -> DropReason.DEVICE_GONE;
            default -> DropReason.DEVICE_REFUSED;
        };
    }

    /**
     * Gives the device a carrier or takes it away: {@code ip link} shows {@code LOWER_UP} or {@code
     * NO-CARRIER}, and without one the host sends nothing through it. Any thread.
     *
     * @throws LinuxException when the kernel cannot, which is older than Linux 5.0
     */
    public void carrier(boolean isOn) {
        queue.carrier(isOn);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            queue.close();
        }
    }

    @Override
    public String toString() {
        return name() + " (index " + interfaceIndex + ", fd " + fd + ")";
    }
}

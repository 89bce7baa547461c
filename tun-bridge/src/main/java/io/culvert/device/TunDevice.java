package io.culvert.device;

import io.culvert.linux.Abi;
import io.culvert.linux.AbiProbe;
import io.culvert.linux.Errno;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxException;
import io.culvert.linux.NativeMemory;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;

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
 * A TUN device: the network interface whose packets are the inner packets of one tunnel.
 *
 * <p>Each read gives one packet, straight into its slot; {@link #readBatch} marks it with the
 * tunnel's index, and {@link #writeBatch} writes those that are marked with it. A packet that is
 * longer than a slot arrives cut off, and its own length field tells.
 *
 * <p>Confined to its lane's thread. The descriptor stays good when the interface is renamed or
 * moved to another network namespace. A device that this call made is deleted when it is closed; a
 * persistent one, of {@code ip tuntap add}, stays.
 */
public final class TunDevice implements PacketDevice {
    private static final String CLONE_DEVICE = "/dev/net/tun";

    private static final int O_RDWR = 0x2; // asm-generic/fcntl.h
    private static final int O_NONBLOCK = 0x800; // asm-generic/fcntl.h
    private static final int O_CLOEXEC = 0x80000; // asm-generic/fcntl.h
    private static final long TUNSETIFF = 0x4004_54caL; // linux/if_tun.h: _IOW('T', 202, int)
    private static final int IFF_TUN = 0x0001; // linux/if_tun.h
    private static final int IFF_NO_PI = 0x1000; // linux/if_tun.h

    private final int fd;
    private final String name;
    private final int interfaceIndex;
    private final int tunnelIndex;
    private boolean closed;

    /** Tests put one end of a local socket pair in the place of a TUN queue. */
    TunDevice(int fd, String name, int interfaceIndex, int tunnelIndex) {
        this.fd = fd;
        this.name = name;
        this.interfaceIndex = interfaceIndex;
        this.tunnelIndex = tunnelIndex;
    }

    /**
     * Makes a TUN device, or attaches to the persistent one of that name, in the calling thread's
     * network namespace. A new one is down and has no address.
     *
     * @param name 1 to 15 bytes; {@code %d} in it becomes the first free number
     * @param tunnelIndex index in its lane of the tunnel that the packets belong to
     * @throws LinuxException when the device cannot be had, saying what to do
     */
    public static TunDevice open(String name, int tunnelIndex) {
        int nameBytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (nameBytes < 1 || nameBytes >= Abi.IFNAMSIZ) {
            throw new IllegalArgumentException(
                    "the device name '" + name + "' has " + nameBytes + " bytes, not 1 to 15");
        }
        AbiProbe.check();
        NativeMemory path = NativeMemory.ofText(CLONE_DEVICE);
        int fd = LibC.open(path.address(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
        Reference.reachabilityFence(path);
        if (fd < 0) {
            int errno = LibC.errno();
            throw new LinuxException("cannot open " + CLONE_DEVICE, errno, openHint(errno));
        }
        try {
            String actualName = attach(fd, name);
            return new TunDevice(fd, actualName, indexOf(actualName), tunnelIndex);
        } catch (LinuxException e) {
            LibC.close(fd);
            throw e;
        }
    }

    private static String attach(int fd, String name) {
        NativeMemory request = NativeMemory.allocate(Abi.IFREQ_BYTES);
        request.text(Abi.IFREQ_NAME, name);
        // IFF_VNET_HDR and IFF_MULTI_QUEUE would belong here: offloads and several lanes.
        request.bytes().putShort(Abi.IFREQ_FLAGS, (short) (IFF_TUN | IFF_NO_PI));
        if (LibC.ioctl(fd, TUNSETIFF, request.address()) < 0) {
            int errno = LibC.errno();
            throw new LinuxException("cannot attach to " + name, errno, attachHint(errno));
        }
        return request.text(Abi.IFREQ_NAME, Abi.IFNAMSIZ);
    }

    private static int indexOf(String name) {
        NativeMemory cName = NativeMemory.ofText(name);
        int index = LibC.if_nametoindex(cName.address());
        Reference.reachabilityFence(cName);
        if (index == 0) {
            throw new LinuxException(
                    "cannot find the index of " + name,
                    LibC.errno(),
                    "it was deleted or moved while we attached to it");
        }
        return index;
    }

    private static String openHint(int errno) {
        return switch (errno) {
            case Errno.ENOENT ->
                    "make it: mkdir -p /dev/net; mknod /dev/net/tun c 10 200;"
                            + " or give a container --device /dev/net/tun";
            case Errno.ENODEV, Errno.ENXIO ->
                    "the kernel has no TUN driver: modprobe tun, or a kernel with CONFIG_TUN";
            case Errno.EACCES, Errno.EPERM ->
                    "run as root; a container needs --device /dev/net/tun";
            default -> "";
        };
    }

    private static String attachHint(int errno) {
        return switch (errno) {
            case Errno.EPERM ->
                    "it needs CAP_NET_ADMIN: run as root, or give a container --cap-add NET_ADMIN";
            case Errno.EBUSY -> "another process holds it: end that one, or use another name";
            case Errno.EINVAL ->
                    "the name belongs to a device that is not a TUN of one queue, or is none that"
                            + " a device may have: use another name";
            default -> "";
        };
    }

    @Override
    public int fd() {
        return fd;
    }

    /** The interface's name when it was opened. */
    public String name() {
        return name;
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
     * @throws LinuxException with {@link Errno#EBADFD} when the device was deleted
     */
    @Override
    public int readBatch(PacketBatch batch) {
        PacketSlab slab = batch.slab();
        long memoryAddress = slab.requireAddress();
        int before = batch.size();
        while (!batch.isFull()) {
            long packetAddress = memoryAddress + batch.nextPacketAt();
            long lengthBytes = LibC.read(fd, packetAddress, slab.slotBytes());
            if (lengthBytes >= 0) {
                batch.tunnel(batch.append((int) lengthBytes), tunnelIndex);
            } else {
                int errno = LibC.errno();
                if (errno == Errno.EBADFD && batch.size() == before) {
                    throw new LinuxException(
                            "cannot read from " + name, errno, "somebody deleted it");
                }
                if (errno != Errno.EINTR) {
                    break;
                }
            }
        }
        return batch.size() - before;
    }

    @Override
    public int writeBatch(PacketBatch batch, int fromSlot) {
        long memoryAddress = batch.slab().requireAddress();
        int size = batch.size();
        for (int slot = fromSlot; slot < size; slot++) {
            if (batch.tunnel(slot) == tunnelIndex && batch.isLive(slot)) {
                int errno = write(memoryAddress + batch.start(slot), batch.lengthBytes(slot));
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
    private int write(long packetAddress, int lengthBytes) {
        while (LibC.write(fd, packetAddress, lengthBytes) < 0) {
            int errno = LibC.errno();
            if (errno != Errno.EINTR) {
                return errno;
            }
        }
        return 0;
    }

    private static DropReason reasonFor(int errno) {
        return switch (errno) {
            case Errno.EIO -> DropReason.DEVICE_DOWN;
            case Errno.EBADFD -> DropReason.DEVICE_GONE;
            default -> DropReason.DEVICE_REFUSED;
        };
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            LibC.close(fd);
        }
    }

    @Override
    public String toString() {
        return name + " (index " + interfaceIndex + ", fd " + fd + ")";
    }
}

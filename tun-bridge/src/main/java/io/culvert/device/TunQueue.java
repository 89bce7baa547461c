package io.culvert.device;

import io.culvert.linux.Abi;
import io.culvert.linux.AbiProbe;
import io.culvert.linux.Capability;
import io.culvert.linux.Errno;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxException;
import io.culvert.linux.NativeMemory;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.List;

/*
 * What stays with a persistent device when its last holder lets go, seen on 6.18: the offloads
 * (TUNSETOFFLOAD) and the length of the virtio header, but not whether there is one (IFF_VNET_HDR):
 * each TUNSETIFF decides that anew. So a holder without the header would be handed super-packets
 * that nothing tells from packets, unless it takes the offloads back, and a holder with it a header
 * of 12 bytes where qemu was before. TSO is refused without checksums, and USO4 without USO6.
 */

/**
 * An open descriptor of a TUN or TAP device, and what was agreed with the kernel when it was
 * opened.
 *
 * @param name the interface's name
 * @param isEthernet whether it is a TAP device, whose packets are Ethernet frames
 */
record TunQueue(int fd, String name, boolean isEthernet, TunOffloads offloads) {
    private static final String CLONE_DEVICE = "/dev/net/tun";
    private static final String MAKE_ANEW = "; mknod " + CLONE_DEVICE + " c 10 200";
    private static final String MAKE_NODE = "mkdir -p /dev/net" + MAKE_ANEW;

    private static final int O_RDWR = 0x2; // asm-generic/fcntl.h
    private static final int O_NONBLOCK = 0x800; // asm-generic/fcntl.h
    private static final int O_CLOEXEC = 0x80000; // asm-generic/fcntl.h
    private static final int F_DUPFD_CLOEXEC = 1030; // linux/fcntl.h

    // linux/if_tun.h: _IOW('T', 202, int) and its neighbours
    private static final long TUNSETIFF = 0x4004_54caL;
    private static final long TUNGETFEATURES = 0x8004_54cfL;
    private static final long TUNGETIFF = 0x8004_54d2L;
    private static final long TUNSETOFFLOAD = 0x4004_54d0L;
    private static final long TUNSETVNETHDRSZ = 0x4004_54d8L;

    private static final long TUNSETCARRIER = 0x4004_54e2L;

    static final int IFF_TUN = 0x0001; // linux/if_tun.h
    static final int IFF_TAP = 0x0002; // linux/if_tun.h
    private static final int IFF_PERSIST = 0x0800; // linux/if_tun.h
    private static final int IFF_NO_PI = 0x1000; // linux/if_tun.h
    private static final int IFF_VNET_HDR = 0x4000; // linux/if_tun.h

    private static final int TCP_AND_CHECKSUM =
            TunOffloads.TUN_F_CSUM
                    | TunOffloads.TUN_F_TSO4
                    | TunOffloads.TUN_F_TSO6
                    | TunOffloads.TUN_F_TSO_ECN;

    /** What to ask for, one after the other, until the kernel has it. USO came with Linux 6.2. */
    private static final int[] WISHES = {
        TCP_AND_CHECKSUM | TunOffloads.TUN_F_USO4 | TunOffloads.TUN_F_USO6,
        TCP_AND_CHECKSUM,
        TCP_AND_CHECKSUM & ~TunOffloads.TUN_F_TSO6,
        TunOffloads.TUN_F_CSUM
    };

    /**
     * Makes a TUN device, or attaches to the persistent one of that name.
     *
     * @throws LinuxException when it cannot be had, or not with offload where that is a must
     */
    static TunQueue open(String name, Offload choice) {
        return open(name, choice, IFF_TUN);
    }

    /**
     * The same with flags of TUNSETIFF.
     *
     * @param flags {@link #IFF_TUN} or {@link #IFF_TAP}, and how the device is shared
     * @throws LinuxException as above
     */
    static TunQueue open(String name, Offload choice, int flags) {
        int nameBytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (nameBytes < 1 || nameBytes >= Abi.IFNAMSIZ) {
            throw new IllegalArgumentException(
                    "the device name '" + name + "' has " + nameBytes + " bytes, not 1 to 15");
        }
        AbiProbe.check();
        return switch (choice) {
            case OFF -> openPlain(name, "it is switched off", flags);
            case ON -> openWithOffload(name, WISHES, flags);
            case AUTO -> openWithOffloadOrPlain(name, WISHES, flags);
        };
    }

    /** What is wrong with more than the offload is met, and told, a second time without it. */
    static TunQueue openWithOffloadOrPlain(String name, int[] wishes, int flags) {
        try {
            return openWithOffload(name, wishes, flags);
        } catch (LinuxException withoutIt) {
            return openPlain(name, withoutIt.getMessage(), flags);
        }
    }

    static TunQueue openWithOffload(String name, int[] wishes, int flags) {
        int fd = openClone();
        try {
            requireVirtioHeader(fd);
            String actualName = attach(fd, name, IFF_VNET_HDR | flags);
            setInt(fd, TUNSETVNETHDRSZ, VirtioNetHeader.LENGTH, "TUNSETVNETHDRSZ");
            return new TunQueue(fd, actualName, isTap(flags), agree(fd, wishes));
        } catch (LinuxException e) {
            LibC.close(fd);
            throw e;
        }
    }

    private static TunQueue openPlain(String name, String reason, int flags) {
        int fd = openClone();
        try {
            String actualName = attach(fd, name, flags);
            releaseOffloads(fd);
            return new TunQueue(fd, actualName, isTap(flags), TunOffloads.none(reason));
        } catch (LinuxException e) {
            LibC.close(fd);
            throw e;
        }
    }

    private static boolean isTap(int flags) {
        return (flags & IFF_TAP) != 0;
    }

    private static int openClone() {
        NativeMemory path = NativeMemory.ofText(CLONE_DEVICE);
        int fd = LibC.open(path.address(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
        Reference.reachabilityFence(path);
        if (fd < 0) {
            int errno = LibC.errno();
            throw new LinuxException("cannot open " + CLONE_DEVICE, errno, openHint(errno));
        }
        return fd;
    }

    private static void requireVirtioHeader(int fd) {
        NativeMemory features = NativeMemory.allocate(Integer.BYTES);
        boolean isTold = LibC.ioctl(fd, TUNGETFEATURES, features.address()) >= 0;
        if (!isTold || (features.bytes().getInt(0) & IFF_VNET_HDR) == 0) {
            throw new LinuxException(
                    "cannot use offload", Errno.EOPNOTSUPP, "this TUN driver has no IFF_VNET_HDR");
        }
    }

    private static String attach(int fd, String name, int flags) {
        NativeMemory request = NativeMemory.allocate(Abi.IFREQ_BYTES);
        request.text(Abi.IFREQ_NAME, name);
        request.bytes().putShort(Abi.IFREQ_FLAGS, (short) (IFF_NO_PI | flags));
        if (LibC.ioctl(fd, TUNSETIFF, request.address()) < 0) {
            int errno = LibC.errno();
            throw cannotAttach(name, errno, isTap(flags));
        }
        String actualName = request.text(Abi.IFREQ_NAME, Abi.IFNAMSIZ);
        requireFormat(fd, actualName, flags & IFF_VNET_HDR);
        return actualName;
    }

    /** The first to open a queue decides for all of them what stands before each packet. */
    private static void requireFormat(int fd, String name, int vnetHeader) {
        int format = flags(fd) & (IFF_NO_PI | IFF_VNET_HDR);
        if (format != (IFF_NO_PI | vnetHeader)) {
            throw isHeld(name);
        }
    }

    /** What the device is now; 0 where the kernel does not tell. */
    private static int flags(int fd) {
        NativeMemory request = NativeMemory.allocate(Abi.IFREQ_BYTES);
        boolean isTold = LibC.ioctl(fd, TUNGETIFF, request.address()) >= 0;
        return isTold ? Short.toUnsignedInt(request.bytes().getShort(Abi.IFREQ_FLAGS)) : 0;
    }

    private static TunOffloads agree(int fd, int[] wishes) {
        LinuxException refusal = null;
        for (int wish : wishes) {
            if (LibC.ioctl(fd, TUNSETOFFLOAD, wish) >= 0) {
                String reason =
                        wish == wishes[0] ? "" : "this kernel's TUN driver does not have the rest";
                return TunOffloads.of(wish, reason);
            }
            refusal = new LinuxException("cannot set TUNSETOFFLOAD", LibC.errno(), "");
        }
        throw refusal;
    }

    private static void setInt(int fd, long request, int value, String requestName) {
        NativeMemory memory = NativeMemory.ofInt(value);
        int result = LibC.ioctl(fd, request, memory.address());
        Reference.reachabilityFence(memory);
        if (result < 0) {
            throw new LinuxException("cannot set " + requestName, LibC.errno(), "");
        }
    }

    /** Takes back what a persistent device would keep; one that has none may refuse. */
    private static void releaseOffloads(int fd) {
        LibC.ioctl(fd, TUNSETOFFLOAD, 0);
    }

    /** Gives the device a carrier or takes it away. */
    void carrier(boolean isOn) {
        setInt(fd, TUNSETCARRIER, isOn ? 1 : 0, "TUNSETCARRIER");
    }

    /** Whether the device stays when the last one that holds it lets go. */
    boolean isPersistent() {
        return (flags(fd) & IFF_PERSIST) != 0;
    }

    /** Another descriptor of the same queue. */
    TunQueue duplicate() {
        int another = LibC.fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (another < 0) {
            throw new LinuxException("cannot duplicate the queue of " + name, LibC.errno(), "");
        }
        return new TunQueue(another, name, isEthernet, offloads);
    }

    /** Lets go of the device, so that the next to hold it need not know of offload. */
    void close() {
        if (offloads.isOn()) {
            releaseOffloads(fd);
        }
        LibC.close(fd);
    }

    private static String openHint(int errno) {
        return switch (errno) {
            case Errno.ENOENT, Errno.ENOTDIR ->
                    "make it: " + MAKE_NODE + "; or give a container --device /dev/net/tun";
            case Errno.EISDIR -> "remove it and make it anew: rmdir " + CLONE_DEVICE + MAKE_ANEW;
            case Errno.ENODEV, Errno.ENXIO ->
                    "the kernel has no TUN driver (modprobe tun, or a kernel with CONFIG_TUN), or"
                            + " the file is not that of the driver (c 10 200)";
            case Errno.EACCES ->
                    "its mode does not let this user open it, or its file system is mounted nodev:"
                            + " chmod 666 /dev/net/tun as root of the host";
            case Errno.EPERM -> "the container was not given it: --device /dev/net/tun";
            default -> "";
        };
    }

    /** What to say of a device that another process holds. */
    static LinuxException isHeld(String name) {
        return cannotAttach(name, Errno.EBUSY, false);
    }

    private static LinuxException cannotAttach(String name, int errno, boolean isTap) {
        return new LinuxException(
                "cannot attach to " + name, errno, attachHint(name, errno, isTap ? "TAP" : "TUN"));
    }

    private static String attachHint(String name, int errno, String kind) {
        return switch (errno) {
            case Errno.EPERM -> Capability.NET_ADMIN.hint();
            case Errno.EBUSY -> {
                List<String> holders = QueueHolders.others(name);
                yield (holders.isEmpty()
                                ? "another process holds it"
                                : String.join(" and ", holders) + " holds it")
                        + ": end that one, or use another name";
            }
            case Errno.EINVAL ->
                    indexOf(name) == 0
                            ? "no device may have this name: use another one"
                            : "there is such a device, and it is no %s device (ip -d link show %s):"
                                            .formatted(kind, name)
                                    + " use another name";
            case Errno.E2BIG -> "its queues are all taken: the kernel has 256 for a device";
            case Errno.ENOTTY ->
                    CLONE_DEVICE
                            + " does not lead to the TUN driver: rm "
                            + CLONE_DEVICE
                            + MAKE_ANEW;
            default -> "";
        };
    }

    /** The index of a device; 0 when there is none of that name. */
    static int indexOf(String name) {
        NativeMemory text = NativeMemory.ofText(name);
        int index = LibC.if_nametoindex(text.address());
        Reference.reachabilityFence(text);
        return index;
    }
}

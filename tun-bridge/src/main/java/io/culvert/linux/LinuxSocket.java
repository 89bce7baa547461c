package io.culvert.linux;

import java.lang.ref.Reference;
import java.util.List;

/**
 * An open socket: made and configured with messages that say what to do, closed once.
 *
 * <p>Packets do not pass through here; who sends and receives them calls {@link LibC} on {@link
 * #fd()}. Confined to one thread.
 */
public final class LinuxSocket implements AutoCloseable {
    public static final int AF_UNIX = 1; // linux/socket.h
    public static final int AF_INET = 2; // linux/socket.h
    public static final int AF_INET6 = 10; // linux/socket.h
    public static final int AF_PACKET = 17; // linux/socket.h
    public static final int SOCK_DGRAM = 2; // linux/net.h
    public static final int SOCK_RAW = 3; // linux/net.h

    public static final int SOL_SOCKET = 1; // asm-generic/socket.h
    public static final int SO_SNDBUF = 7; // asm-generic/socket.h
    public static final int SO_RCVBUF = 8; // asm-generic/socket.h
    public static final int SO_PASSCRED = 16; // asm-generic/socket.h
    public static final int SO_BINDTODEVICE = 25; // asm-generic/socket.h
    public static final int SO_ATTACH_FILTER = 26; // asm-generic/socket.h
    public static final int SO_SNDBUFFORCE = 32; // asm-generic/socket.h
    public static final int SO_RCVBUFFORCE = 33; // asm-generic/socket.h
    public static final int SO_ATTACH_BPF = 50; // asm-generic/socket.h
    public static final int SO_MEMINFO = 55; // asm-generic/socket.h
    public static final int SCM_CREDENTIALS = 2; // linux/socket.h

    public static final int SOL_IP = 0; // linux/socket.h
    public static final int IP_HDRINCL = 3; // linux/in.h
    public static final int IP_PKTINFO = 8; // linux/in.h
    public static final int IP_RECVERR = 11; // linux/in.h
    public static final int IP_MTU = 14; // linux/in.h
    public static final int IP_FREEBIND = 15; // linux/in.h
    public static final int IP_PROTOCOL = 52; // linux/in.h

    public static final int SOL_IPV6 = 41; // linux/socket.h
    public static final int IPV6_FLOWINFO = 11; // linux/in6.h
    public static final int IPV6_MTU = 24; // linux/in6.h
    public static final int IPV6_RECVERR = 25; // linux/in6.h
    public static final int IPV6_HDRINCL = 36; // linux/in6.h
    public static final int IPV6_RECVPKTINFO = 49; // linux/in6.h
    public static final int IPV6_PKTINFO = 50; // linux/in6.h
    public static final int IPV6_RECVHOPLIMIT = 51; // linux/in6.h
    public static final int IPV6_HOPLIMIT = 52; // linux/in6.h
    public static final int IPV6_FREEBIND = 78; // linux/in6.h

    public static final int SOL_PACKET = 263; // linux/socket.h
    public static final int PACKET_RX_RING = 5; // linux/if_packet.h
    public static final int PACKET_STATISTICS = 6; // linux/if_packet.h
    public static final int PACKET_COPY_THRESH = 7; // linux/if_packet.h
    public static final int PACKET_VERSION = 10; // linux/if_packet.h
    public static final int PACKET_HDRLEN = 11; // linux/if_packet.h
    public static final int PACKET_QDISC_BYPASS = 20; // linux/if_packet.h

    public static final int MSG_TRUNC = 0x20; // linux/socket.h
    public static final int MSG_DONTWAIT = 0x40; // linux/socket.h
    public static final int MSG_ERRQUEUE = 0x2000; // linux/socket.h

    private static final int SOCK_NONBLOCK = 0x800; // linux/net.h
    private static final int SOCK_CLOEXEC = 0x80000; // linux/net.h

    private final String name;
    private final int fd;
    private boolean closed;

    private LinuxSocket(String name, int fd) {
        this.name = name;
        this.fd = fd;
    }

    /**
     * Opens a non-blocking socket that child processes do not inherit.
     *
     * @param name what messages call it, such as {@code raw socket for protocol 47}
     * @throws LinuxException when the kernel refuses it
     */
    public static LinuxSocket open(int family, int type, int protocol, String name) {
        int fd = LibC.socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
        if (fd < 0) {
            int errno = LibC.errno();
            String hint =
                    family == AF_INET6 && errno == Errno.EAFNOSUPPORT
                            ? "this kernel has no IPv6, or was started with ipv6.disable=1"
                            : openHint(errno);
            throw new LinuxException("cannot open a " + name, errno, hint);
        }
        return new LinuxSocket(name, fd);
    }

    /**
     * Opens two non-blocking datagram sockets that are connected to each other, here in memory.
     *
     * @throws LinuxException when the kernel refuses it
     */
    public static List<LinuxSocket> localPair(String name) {
        NativeMemory fds = NativeMemory.allocate(2 * Integer.BYTES);
        int type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
        int result = LibC.socketpair(AF_UNIX, type, 0, fds.address());
        Reference.reachabilityFence(fds);
        if (result < 0) {
            int errno = LibC.errno();
            throw new LinuxException("cannot open a pair for a " + name, errno, openHint(errno));
        }
        return List.of(
                new LinuxSocket(name, fds.bytes().getInt(0)),
                new LinuxSocket(name, fds.bytes().getInt(Integer.BYTES)));
    }

    private static String openHint(int errno) {
        return switch (errno) {
            case Errno.EPERM, Errno.EACCES -> Capability.NET_RAW.hint();
            case Errno.EAFNOSUPPORT, Errno.EPROTONOSUPPORT -> "this kernel was built without it";
            default -> "";
        };
    }

    public int fd() {
        return fd;
    }

    /**
     * Sets an option.
     *
     * @param optionName the option's C name, for the message
     * @throws LinuxException when the kernel refuses it
     */
    public void option(int level, int option, int value, String optionName) {
        if (!tryOption(level, option, value)) {
            throw new LinuxException(
                    "cannot set " + optionName + " to " + value + " on the " + name,
                    LibC.errno(),
                    "");
        }
    }

    /** Sets an option; false when it is refused, and {@link LibC#errno()} tells why. */
    public boolean tryOption(int level, int option, int value) {
        return setOption(level, option, NativeMemory.ofInt(value));
    }

    /**
     * Reads an option.
     *
     * @throws LinuxException when the kernel does not know it
     */
    public int option(int level, int option, String optionName) {
        NativeMemory value = NativeMemory.allocate(Integer.BYTES);
        NativeMemory valueBytes = NativeMemory.ofInt(Integer.BYTES);
        int result = LibC.getsockopt(fd, level, option, value.address(), valueBytes.address());
        Reference.reachabilityFence(valueBytes);
        if (result < 0) {
            throw new LinuxException(
                    "cannot read " + optionName + " of the " + name, LibC.errno(), "");
        }
        return value.bytes().getInt(0);
    }

    /** Whether the kernel can read an option, and so has what came with it. */
    public boolean knowsOption(int level, int option) {
        NativeMemory value = NativeMemory.allocate(Integer.BYTES);
        NativeMemory valueBytes = NativeMemory.ofInt(Integer.BYTES);
        int result = LibC.getsockopt(fd, level, option, value.address(), valueBytes.address());
        Reference.reachabilityFence(valueBytes);
        Reference.reachabilityFence(value);
        return result >= 0;
    }

    /**
     * Sets an option whose value is a struct.
     *
     * @param optionName the option's C name, for the message
     * @throws LinuxException when the kernel refuses it
     */
    public void option(int level, int option, NativeMemory value, String optionName) {
        if (!setOption(level, option, value)) {
            throw new LinuxException(
                    "cannot set " + optionName + " on the " + name, LibC.errno(), "");
        }
    }

    /**
     * Binds the socket.
     *
     * @param address a struct sockaddr of its family
     * @throws LinuxException when the kernel refuses it
     */
    public void bind(NativeMemory address) {
        int result = LibC.bind(fd, address.address(), address.sizeBytes());
        Reference.reachabilityFence(address);
        if (result < 0) {
            throw new LinuxException("cannot bind the " + name, LibC.errno(), "");
        }
    }

    /**
     * Connects the socket, which for one of datagrams says where to and looks up the way.
     *
     * @param address a struct sockaddr of its family
     * @throws LinuxException when the kernel refuses it
     */
    public void connect(NativeMemory address) {
        int result = LibC.connect(fd, address.address(), address.sizeBytes());
        Reference.reachabilityFence(address);
        if (result < 0) {
            throw new LinuxException("cannot connect the " + name, LibC.errno(), "");
        }
    }

    /**
     * Lets in only what the filter takes. What was queued before stays.
     *
     * @throws LinuxException when the kernel refuses it
     */
    public void attachFilter(ClassicBpf filter) {
        int result = filter.attachTo(fd);
        if (result < 0) {
            throw new LinuxException(
                    "cannot attach a filter to the " + name,
                    LibC.errno(),
                    "a sandbox that forbids SO_ATTACH_FILTER does this");
        }
    }

    private boolean setOption(int level, int option, NativeMemory value) {
        int result = LibC.setsockopt(fd, level, option, value.address(), value.sizeBytes());
        // The address alone does not keep the memory.
        Reference.reachabilityFence(value);
        return result >= 0;
    }

    /** Closes the socket; a second call does nothing. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            LibC.close(fd);
        }
    }

    @Override
    public String toString() {
        return name + " (fd " + fd + ")";
    }
}

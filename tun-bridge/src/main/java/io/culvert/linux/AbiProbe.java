package io.culvert.linux;

import com.sun.jna.Native;
import java.lang.ref.Reference;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Checks on the running machine that structs are laid out as {@link Abi} says, before anything
 * depends on it: a wrong offset would not fail, it would send packets from the wrong memory.
 *
 * <p>Needs no privilege, no network and no interface: a datagram goes through a local socket pair
 * with its control message, an address makes the round trip through {@code bind}, and a filter is
 * seen to filter. {@code in_pktinfo}, {@code in6_pktinfo} and {@code sock_extended_err} appear only
 * with real packets; tests check those.
 */
public final class AbiProbe {
    private static final int SOCK_CLOEXEC = 0x80000; // linux/net.h
    private static final int TEST_ADDRESS = 0xc000_0201; // 192.0.2.1, RFC 5737
    private static final long TEST_ADDRESS_HIGH = 0x2001_0db8_0000_0000L; // RFC 3849
    private static final long TEST_ADDRESS_LOW = 0x0123_4567_89ab_cdefL;
    private static final AtomicBoolean PASSED = new AtomicBoolean();
    private static final AtomicBoolean PASSED_IPV6 = new AtomicBoolean();

    private AbiProbe() {}

    /**
     * Checks once per process; later calls cost nothing.
     *
     * @throws IllegalStateException that says what differs, on a machine this cannot run on
     */
    public static void check() {
        if (PASSED.get()) {
            return;
        }
        checkMachine();
        checkMessages();
        checkAddress();
        PASSED.set(true);
    }

    /**
     * The same for what only IPv6 sockets need.
     *
     * @throws LinuxException when the kernel has no IPv6
     */
    public static void checkIpv6() {
        if (!PASSED_IPV6.get()) {
            checkIpv6Address();
            PASSED_IPV6.set(true);
        }
    }

    private static void checkMachine() {
        String system = System.getProperty("os.name");
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        require(system.equals("Linux"), "this program runs on Linux, not on " + system);
        require(
                machine.equals("amd64") || machine.equals("aarch64"),
                "struct layouts are known for x86_64 and aarch64, not for " + machine);
        require(
                Native.POINTER_SIZE == Long.BYTES && Native.LONG_SIZE == Long.BYTES,
                "a 64-bit Java is needed; this one has pointers of " + Native.POINTER_SIZE);
    }

    /**
     * Two messages with credentials: mmsghdr, msghdr, iovec, cmsghdr and ucred; then sock_fprog.
     */
    private static void checkMessages() {
        NativeMemory fds = NativeMemory.allocate(2 * Integer.BYTES);
        int type = LinuxSocket.SOCK_DGRAM | SOCK_CLOEXEC;
        if (LibC.socketpair(LinuxSocket.AF_UNIX, type, 0, fds.address()) < 0) {
            throw new LinuxException("cannot make a pair of local sockets", LibC.errno(), "");
        }
        int near = fds.bytes().getInt(0);
        int far = fds.bytes().getInt(Integer.BYTES);
        try {
            NativeMemory one = NativeMemory.ofInt(1);
            LibC.setsockopt(
                    far,
                    LinuxSocket.SOL_SOCKET,
                    LinuxSocket.SO_PASSCRED,
                    one.address(),
                    one.sizeBytes());
            checkMessagesThrough(near, far);
            checkFilter(near, far);
        } finally {
            LibC.close(near);
            LibC.close(far);
        }
    }

    private static void checkMessagesThrough(int near, int far) {
        NativeMemory sent = NativeMemory.ofText("culvert");
        MessagePair outgoing = new MessagePair(sent, 0);
        require(
                outgoing.sendTo(near) == 2,
                "struct mmsghdr, msghdr or iovec is not laid out as expected (sendmmsg)");

        NativeMemory received = NativeMemory.allocate(2 * MessagePair.TEXT_BYTES);
        MessagePair incoming = new MessagePair(received, Abi.controlSpace(Abi.UCRED_BYTES));
        require(
                incoming.receiveFrom(far) == 2,
                "struct mmsghdr, msghdr or iovec is not laid out as expected (recvmmsg)");
        // The second message sends and receives the second half of the text.
        require(
                received.text(0, 2 * MessagePair.TEXT_BYTES).equals("culvert"),
                "struct iovec is not laid out as expected");
        for (int i = 0; i < 2; i++) {
            require(
                    incoming.lengthBytes(i) == MessagePair.TEXT_BYTES,
                    "struct mmsghdr is not laid out as expected (msg_len)");
            require(
                    incoming.credentialsPid(i) == LibC.getpid(),
                    "struct cmsghdr or ucred is not laid out as expected");
        }
    }

    private static void checkFilter(int near, int far) {
        NativeMemory text = NativeMemory.ofText("x");
        int attached = ClassicBpf.REFUSE_ALL.attachTo(far);
        if (attached < 0 && LibC.errno() != Errno.EINVAL) {
            return; // Forbidden here, which says nothing of the layout; who needs it will say so.
        }
        LibC.send(near, text.address(), 1, LinuxSocket.MSG_DONTWAIT);
        require(
                attached == 0 && LibC.recv(far, text.address(), 1, LinuxSocket.MSG_DONTWAIT) < 0,
                "struct sock_fprog or sock_filter is not laid out as expected");
    }

    /** An address that is not ours, by IP_FREEBIND: sockaddr_in. */
    private static void checkAddress() {
        try (LinuxSocket socket =
                LinuxSocket.open(LinuxSocket.AF_INET, LinuxSocket.SOCK_DGRAM, 0, "UDP socket")) {
            socket.option(LinuxSocket.SOL_IP, LinuxSocket.IP_FREEBIND, 1, "IP_FREEBIND");
            NativeMemory address = NativeMemory.allocate(Abi.SOCKADDR_IN_BYTES);
            NativeMemory length = NativeMemory.ofInt(Abi.SOCKADDR_IN_BYTES);
            address.bytes().putShort(Abi.SOCKADDR_IN_FAMILY, (short) LinuxSocket.AF_INET);
            address.networkInt(Abi.SOCKADDR_IN_ADDR, TEST_ADDRESS);
            boolean bound = LibC.bind(socket.fd(), address.address(), Abi.SOCKADDR_IN_BYTES) == 0;
            address.clear();
            boolean told = LibC.getsockname(socket.fd(), address.address(), length.address()) == 0;
            require(
                    bound
                            && told
                            && length.bytes().getInt(0) == Abi.SOCKADDR_IN_BYTES
                            && address.networkInt(Abi.SOCKADDR_IN_ADDR) == TEST_ADDRESS,
                    "struct sockaddr_in is not laid out as expected");
        }
    }

    /** The same with IPV6_FREEBIND, which older kernels lack: sockaddr_in6. */
    private static void checkIpv6Address() {
        try (LinuxSocket socket =
                LinuxSocket.open(LinuxSocket.AF_INET6, LinuxSocket.SOCK_DGRAM, 0, "UDP socket")) {
            if (!socket.tryOption(LinuxSocket.SOL_IPV6, LinuxSocket.IPV6_FREEBIND, 1)) {
                return;
            }
            NativeMemory address = NativeMemory.allocate(Abi.SOCKADDR_IN6_BYTES);
            NativeMemory length = NativeMemory.ofInt(Abi.SOCKADDR_IN6_BYTES);
            int at = Abi.SOCKADDR_IN6_ADDR;
            address.bytes().putShort(Abi.SOCKADDR_IN6_FAMILY, (short) LinuxSocket.AF_INET6);
            address.networkLong(at, TEST_ADDRESS_HIGH);
            address.networkLong(at + Long.BYTES, TEST_ADDRESS_LOW);
            boolean bound = LibC.bind(socket.fd(), address.address(), Abi.SOCKADDR_IN6_BYTES) == 0;
            address.clear();
            boolean told = LibC.getsockname(socket.fd(), address.address(), length.address()) == 0;
            require(
                    bound
                            && told
                            && length.bytes().getInt(0) == Abi.SOCKADDR_IN6_BYTES
                            && address.networkLong(at) == TEST_ADDRESS_HIGH
                            && address.networkLong(at + Long.BYTES) == TEST_ADDRESS_LOW,
                    "struct sockaddr_in6 is not laid out as expected");
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException("cannot use this machine's system calls: " + otherwise);
        }
    }

    /** Two messages of four bytes each that follow one another in memory. */
    private static final class MessagePair {
        static final int TEXT_BYTES = 4;

        private static final int IOVECS = 2 * Abi.MMSGHDR_BYTES;
        private static final int CONTROLS = IOVECS + 2 * Abi.IOVEC_BYTES;
        private static final int CONTROL_BYTES = Abi.controlSpace(Abi.UCRED_BYTES);

        private final NativeMemory memory = NativeMemory.allocate(CONTROLS + 2 * CONTROL_BYTES);
        private final NativeMemory text;

        MessagePair(NativeMemory text, int controlBytes) {
            this.text = text;
            for (int i = 0; i < 2; i++) {
                int header = i * Abi.MMSGHDR_BYTES;
                int iovec = IOVECS + i * Abi.IOVEC_BYTES;
                long control = memory.address() + CONTROLS + (long) i * CONTROL_BYTES;
                memory.bytes()
                        .putLong(header + Abi.MSGHDR_IOV, memory.address() + iovec)
                        .putLong(header + Abi.MSGHDR_IOVLEN, 1)
                        .putLong(header + Abi.MSGHDR_CONTROL, controlBytes == 0 ? 0 : control)
                        .putLong(header + Abi.MSGHDR_CONTROLLEN, controlBytes)
                        .putLong(iovec + Abi.IOVEC_BASE, text.address() + (long) i * TEXT_BYTES)
                        .putLong(iovec + Abi.IOVEC_LEN, TEXT_BYTES);
            }
        }

        int sendTo(int fd) {
            int result = LibC.sendmmsg(fd, memory.address(), 2, LinuxSocket.MSG_DONTWAIT);
            Reference.reachabilityFence(text);
            return result;
        }

        int receiveFrom(int fd) {
            int result = LibC.recvmmsg(fd, memory.address(), 2, LinuxSocket.MSG_DONTWAIT, 0);
            Reference.reachabilityFence(text);
            return result;
        }

        int lengthBytes(int message) {
            return memory.bytes().getInt(message * Abi.MMSGHDR_BYTES + Abi.MMSGHDR_LEN);
        }

        /** The sender's process, or 0 when the control message does not read as expected. */
        int credentialsPid(int message) {
            int control = CONTROLS + message * CONTROL_BYTES;
            boolean isCredentials =
                    memory.bytes().getLong(control + Abi.CMSGHDR_LEN)
                                    == Abi.controlLength(Abi.UCRED_BYTES)
                            && memory.bytes().getInt(control + Abi.CMSGHDR_LEVEL)
                                    == LinuxSocket.SOL_SOCKET
                            && memory.bytes().getInt(control + Abi.CMSGHDR_TYPE)
                                    == LinuxSocket.SCM_CREDENTIALS;
            int data = control + Abi.CMSGHDR_BYTES;
            return isCredentials ? memory.bytes().getInt(data + Abi.UCRED_PID) : 0;
        }
    }
}

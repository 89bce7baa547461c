package io.culvert.linux;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * The C library's functions under their own names, by JNA direct mapping.
 *
 * <p>Only {@code int} and {@code long} cross over, which is what keeps a call near its cost in C;
 * an address is a {@code long}, and its memory is {@link NativeMemory}, which the caller keeps
 * reachable for the length of the call. A negative result means failure, and only then, and at
 * once, {@link Native#getLastError()} through {@link #errno()} tells why. Any thread.
 */
public final class LibC {
    static {
        // What the process has linked already: no search for a file whose name differs by libc.
        Native.register(LibC.class, NativeLibrary.getProcess());
    }

    private LibC() {}

    /** Why the calling thread's last call failed; meaningful only after a negative result. */
    public static int errno() {
        return Native.getLastError();
    }

    // files -- fcntl.h, unistd.h, sys/uio.h, sys/ioctl.h, poll.h

    public static native int open(long path, int flags);

    public static native int close(int fd);

    public static native int fcntl(int fd, int command, int argument);

    public static native long read(int fd, long memory, long sizeBytes);

    public static native long write(int fd, long memory, long sizeBytes);

    public static native long writev(int fd, long iovecs, int count);

    public static native int ioctl(int fd, long request, long argument);

    public static native int poll(long pollfds, long count, int timeoutMillis);

    public static native int pipe2(long twoFds, int flags);

    // memory -- sys/mman.h

    /** The address, or -1. */
    public static native long mmap(
            long wishedAddress, long sizeBytes, int protection, int flags, int fd, long offset);

    public static native int munmap(long address, long sizeBytes);

    // sockets -- sys/socket.h

    public static native int socket(int family, int type, int protocol);

    public static native int socketpair(int family, int type, int protocol, long twoFds);

    public static native int bind(int fd, long address, int addressBytes);

    public static native int connect(int fd, long address, int addressBytes);

    public static native int getsockname(int fd, long address, long addressBytes);

    public static native int setsockopt(int fd, int level, int option, long value, int valueBytes);

    public static native int getsockopt(int fd, int level, int option, long value, long valueBytes);

    public static native long send(int fd, long memory, long sizeBytes, int flags);

    public static native long recv(int fd, long memory, long sizeBytes, int flags);

    public static native long sendto(
            int fd, long memory, long sizeBytes, int flags, long address, int addressBytes);

    public static native long recvfrom(
            int fd, long memory, long sizeBytes, int flags, long address, long addressBytes);

    public static native long recvmsg(int fd, long msghdr, int flags);

    public static native int sendmmsg(int fd, long mmsghdrs, int count, int flags);

    public static native int recvmmsg(int fd, long mmsghdrs, int count, int flags, long timeout);

    // the process and its interfaces -- unistd.h, net/if.h

    public static native int getpid();

    /** A system call that the C library has no function for; unistd.h. */
    public static native long syscall(long number, long first, long second, long third);

    public static native int geteuid();

    /** sys/resource.h */
    public static native int getrlimit(int resource, long rlimit);

    /** sys/resource.h; with PRIO_PROCESS and 0, of the calling thread alone. */
    public static native int setpriority(int which, int who, int nice);

    /**
     * Moves the calling thread alone into the namespace that the descriptor stands for; sched.h.
     */
    public static native int setns(int fd, int type);

    /** All devices: {@code struct if_nameindex[]}, the last with index 0; 0 for an error. */
    public static native long if_nameindex();

    public static native void if_freenameindex(long names);

    /** The interface's index, or 0 when there is none of that name. */
    public static native int if_nametoindex(long name);
}

package io.culvert.linux;

/**
 * Linux error numbers and what they mean, the same on x86_64 and aarch64.
 *
 * <p>Plain {@code int}s, because they are compared where packets fail. The texts are our own: those
 * of {@code strerror} follow the locale and say "File descriptor in bad state" for a deleted
 * device.
 */
public final class Errno {
    // asm-generic/errno-base.h
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int E2BIG = 7;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int ENOSPC = 28;
    public static final int EROFS = 30;
    // asm-generic/errno.h
    public static final int ENOSYS = 38;
    public static final int EBADFD = 77;
    public static final int EDESTADDRREQ = 89;
    public static final int EMSGSIZE = 90;
    public static final int ENOPROTOOPT = 92;
    public static final int EPROTONOSUPPORT = 93;
    public static final int EOPNOTSUPP = 95;
    public static final int EAFNOSUPPORT = 97;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETDOWN = 100;
    public static final int ENETUNREACH = 101;
    public static final int ECONNRESET = 104;
    public static final int ENOBUFS = 105;
    public static final int ENOTCONN = 107;
    public static final int ETIMEDOUT = 110;
    public static final int ECONNREFUSED = 111;
    public static final int EHOSTDOWN = 112;
    public static final int EHOSTUNREACH = 113;

    private Errno() {}

    /** Name, number and meaning: {@code EBUSY (16): device busy}. */
    public static String describe(int errno) {
        return switch (errno) {
            case EPERM -> named("EPERM", errno, "operation not permitted");
            case ENOENT -> named("ENOENT", errno, "no such file or object");
            case ESRCH -> named("ESRCH", errno, "no such entry");
            case EINTR -> named("EINTR", errno, "interrupted by a signal");
            case EIO -> named("EIO", errno, "input/output error");
            case ENXIO -> named("ENXIO", errno, "no such device or address");
            case E2BIG -> named("E2BIG", errno, "too many of them");
            case EBADF -> named("EBADF", errno, "not an open file descriptor");
            case EAGAIN -> named("EAGAIN", errno, "would block");
            case ENOMEM -> named("ENOMEM", errno, "out of memory");
            case EACCES -> named("EACCES", errno, "permission denied");
            case EFAULT -> named("EFAULT", errno, "bad address");
            case EBUSY -> named("EBUSY", errno, "device busy");
            case EEXIST -> named("EEXIST", errno, "exists already");
            case ENODEV -> named("ENODEV", errno, "no such device");
            case ENOTDIR -> named("ENOTDIR", errno, "not a directory");
            case EISDIR -> named("EISDIR", errno, "it is a directory");
            case EINVAL -> named("EINVAL", errno, "invalid argument");
            case ENFILE -> named("ENFILE", errno, "too many open files on this host");
            case EMFILE -> named("EMFILE", errno, "too many open files");
            case ENOTTY -> named("ENOTTY", errno, "not a device of this kind");
            case ENOSPC -> named("ENOSPC", errno, "no space left");
            case EROFS -> named("EROFS", errno, "read-only file system");
            case ENOSYS -> named("ENOSYS", errno, "the kernel does not have this call");
            case EBADFD -> named("EBADFD", errno, "the device behind the descriptor is gone");
            case EDESTADDRREQ -> named("EDESTADDRREQ", errno, "no destination address");
            case EMSGSIZE -> named("EMSGSIZE", errno, "message too long");
            case ENOPROTOOPT -> named("ENOPROTOOPT", errno, "no such socket option");
            case EPROTONOSUPPORT -> named("EPROTONOSUPPORT", errno, "protocol not supported");
            case EOPNOTSUPP -> named("EOPNOTSUPP", errno, "operation not supported");
            case EAFNOSUPPORT -> named("EAFNOSUPPORT", errno, "address family not supported");
            case EADDRINUSE -> named("EADDRINUSE", errno, "address in use");
            case EADDRNOTAVAIL -> named("EADDRNOTAVAIL", errno, "no such address on this host");
            case ENETDOWN -> named("ENETDOWN", errno, "network is down");
            case ENETUNREACH -> named("ENETUNREACH", errno, "network unreachable");
            case ECONNRESET -> named("ECONNRESET", errno, "connection reset");
            case ENOBUFS -> named("ENOBUFS", errno, "queue full");
            case ENOTCONN -> named("ENOTCONN", errno, "not connected");
            case ETIMEDOUT -> named("ETIMEDOUT", errno, "timed out");
            case ECONNREFUSED -> named("ECONNREFUSED", errno, "connection refused");
            case EHOSTDOWN -> named("EHOSTDOWN", errno, "host is down");
            case EHOSTUNREACH -> named("EHOSTUNREACH", errno, "host unreachable");
            default -> "errno " + errno;
        };
    }

    /** What to do about an error that has one cause, whatever was tried; otherwise empty. */
    static String usualHint(int errno) {
        return switch (errno) {
            case EMFILE -> OpenFiles.hint();
            case ENFILE -> "raise the limit: sysctl -w fs.file-max=NUMBER";
            default -> "";
        };
    }

    private static String named(String name, int errno, String meaning) {
        return name + " (" + errno + "): " + meaning;
    }
}

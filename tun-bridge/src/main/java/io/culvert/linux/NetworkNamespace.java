package io.culvert.linux;

import java.lang.ref.Reference;
import java.nio.file.Path;

/**
 * Another network stack of this host, with a name that {@code ip netns} knows.
 *
 * <p>A namespace is a thread's and not the process's, so one process can have sockets in several.
 */
public final class NetworkNamespace {
    private static final int CLONE_NEWNET = 0x4000_0000; // linux/sched.h
    private static final int O_RDONLY_CLOEXEC = 0x80000; // asm-generic/fcntl.h

    private NetworkNamespace() {}

    /**
     * Moves the calling thread into a namespace; sockets that it opens from now on are there. A
     * thread that must come back is better left to end.
     *
     * @throws LinuxException when there is none of that name, or without CAP_SYS_ADMIN
     */
    public static void enter(String name) {
        String what = "cannot enter the network namespace " + name;
        NativeMemory path = NativeMemory.ofText(Path.of("/run/netns", name).toString());
        int fd = LibC.open(path.address(), O_RDONLY_CLOEXEC);
        int openErrno = fd < 0 ? LibC.errno() : 0;
        Reference.reachabilityFence(path);
        if (fd < 0) {
            throw new LinuxException(
                    what, openErrno, openErrno == Errno.ENOENT ? "ip netns lists them" : "");
        }
        try {
            if (LibC.setns(fd, CLONE_NEWNET) < 0) {
                throw new LinuxException(what, LibC.errno(), Capability.SYS_ADMIN.hint());
            }
        } finally {
            LibC.close(fd);
        }
    }
}

package io.culvert.peers;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import io.culvert.linux.LibC;
import io.culvert.linux.LinuxException;
import io.culvert.linux.NativeMemory;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Runs code of a test inside a namespace: sockets and devices that it opens are that namespace's.
 *
 * <p>A network namespace is a thread's, not the process's, so a thread of its own enters it and
 * ends with it; the thread of the test stays where it is.
 */
public final class NamespaceThread {
    private static final int CLONE_NEWNET = 0x4000_0000; // linux/sched.h
    private static final int O_RDONLY_CLOEXEC = 0x80000; // asm-generic/fcntl.h

    static {
        Native.register(NamespaceThread.class, NativeLibrary.getProcess());
    }

    private NamespaceThread() {}

    private static native int setns(int fd, int type);

    /** Runs {@code task} inside the namespace and returns or throws what it does. */
    public static <T> T call(NetworkNamespace namespace, Callable<T> task) throws Exception {
        FutureTask<T> inside =
                new FutureTask<>(
                        () -> {
                            enter(namespace);
                            return task.call();
                        });
        Thread thread = new Thread(inside, "in " + namespace.name());
        thread.setDaemon(true);
        thread.start();
        try {
            return inside.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw (Error) e.getCause();
        }
    }

    private static void enter(NetworkNamespace namespace) {
        String what = "cannot enter " + namespace.name();
        NativeMemory path = NativeMemory.ofText("/run/netns/" + namespace.name());
        int fd = LibC.open(path.address(), O_RDONLY_CLOEXEC);
        if (fd < 0) {
            throw new LinuxException(what, LibC.errno(), "");
        }
        try {
            if (setns(fd, CLONE_NEWNET) < 0) {
                throw new LinuxException(what, LibC.errno(), "");
            }
        } finally {
            LibC.close(fd);
        }
    }
}

package io.culvert.linux;

import java.io.File;

/** How many files, sockets and devices this process may have open. */
public final class OpenFiles {
    private static final int RLIMIT_NOFILE = 7; // asm-generic/resource.h
    private static final int RLIMIT_BYTES = 2 * Long.BYTES; // struct rlimit: soft, then hard

    private OpenFiles() {}

    /**
     * The limit in force, {@code ulimit -n}. The JVM has raised it to the hard limit at its start.
     *
     * @return -1 when the system does not tell
     */
    public static long limit() {
        // not from /proc: who asks may have no descriptor left to read it by
        NativeMemory limits = NativeMemory.allocate(RLIMIT_BYTES);
        boolean isTold = LibC.getrlimit(RLIMIT_NOFILE, limits.address()) >= 0;
        return isTold ? limits.bytes().getLong(0) : -1;
    }

    /** How many it has open at this moment; 0 when the system does not tell. */
    public static int open() {
        String[] descriptors = new File("/proc/self/fd").list();
        return descriptors == null ? 0 : descriptors.length;
    }

    /** What to do when it is reached. */
    static String hint() {
        return "this process may have %d open: raise the limit (ulimit -n NUMBER, or LimitNOFILE= of its systemd unit)"
                .formatted(limit());
    }
}

package io.culvert.linux;

/**
 * The kernel refused what we cannot go on without.
 *
 * <p>Start-up, control and a device that is gone for good; never thrown about a packet. The message
 * reads: what we tried and on what, what the system said, what to do. For example {@code cannot
 * attach to tun0: EBUSY (16): device busy; another process holds it, or use --name}.
 */
public final class LinuxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * @param what what was tried and on what, such as {@code cannot attach to tun0}
     * @param errno the kernel's answer, a constant of {@link Errno}
     * @param hint what to do about it; empty for the usual, if there is such a thing
     */
    public LinuxException(String what, int errno, String hint) {
        super(what + ": " + Errno.describe(errno) + after(hint, errno));
        this.errno = errno;
    }

    private static String after(String hint, int errno) {
        String words = hint.isEmpty() ? Errno.usualHint(errno) : hint;
        return words.isEmpty() ? "" : "; " + words;
    }

    /** The error number, a constant of {@link Errno}. */
    public int errno() {
        return errno;
    }
}

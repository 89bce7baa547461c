package io.culvert.control;

/** A tunnel cannot start or cannot go on; the message says why, in one line for the user. */
public final class TunnelException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kind of cause it is; the process's exit status follows from it. */
    public enum Kind {
        /** A thing that tunnels are built on is missing, such as {@code /dev/net/tun}. */
        UNAVAILABLE,
        /** The process lacks a right, such as {@code CAP_NET_ADMIN}. */
        NO_PERMISSION,
        /** The system refused for another reason, at the start or later. */
        FAILED
    }

    private final Kind kind;

    public TunnelException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public TunnelException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What kind of cause it is. */
    public Kind kind() {
        return kind;
    }
}

package io.culvert.capture;

import java.io.Serial;

/** Packets cannot be captured or filtered; the message is a sentence for the user. */
public final class CaptureException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    /** What stands in the way. */
    public enum Kind {
        /** libpcap or the interface is not there. */
        UNAVAILABLE,
        /** It takes rights that we do not have. */
        NO_PERMISSION,
        /** What was asked for makes no sense, for example a filter. */
        USAGE,
        /** Anything else. */
        FAILED
    }

    private final Kind kind;

    public CaptureException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public CaptureException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}

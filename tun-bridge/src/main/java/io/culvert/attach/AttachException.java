package io.culvert.attach;

/** A running culvert cannot be reached or does not answer; the message is a line for the user. */
public final class AttachException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kind of cause it is; a command's exit status follows from it. */
    public enum Kind {
        /** None is running, or none has the tunnel. */
        NOT_RUNNING,
        /** Several could be meant. */
        AMBIGUOUS,
        /** The sockets are somebody else's. */
        NO_PERMISSION,
        /** It refused the request, or the connection broke. */
        FAILED
    }

    private final Kind kind;

    public AttachException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public AttachException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What kind of cause it is. */
    public Kind kind() {
        return kind;
    }
}

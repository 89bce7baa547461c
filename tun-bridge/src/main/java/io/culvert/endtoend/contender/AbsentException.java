package io.culvert.endtoend.contender;

/** This machine does not have what a contender is; the message is one line for the table. */
public final class AbsentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AbsentException(String message) {
        super(message);
    }
}

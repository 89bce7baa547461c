package io.culvert.attach;

/** A request that cannot be answered; the message says why, in one line for the user. */
public final class RequestException extends Exception {
    private static final long serialVersionUID = 1L;

    public RequestException(String message) {
        super(message);
    }
}

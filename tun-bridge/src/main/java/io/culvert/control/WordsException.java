package io.culvert.control;

/** The words that describe a tunnel are wrong; the message says how, in one line for the user. */
public final class WordsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public WordsException(String message) {
        super(message);
    }

    WordsException(String message, Throwable cause) {
        super(message, cause);
    }
}

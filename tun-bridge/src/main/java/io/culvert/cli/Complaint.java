package io.culvert.cli;

import java.io.PrintWriter;

/** One line for the user about what went wrong. */
final class Complaint {
    private Complaint() {}

    /** Prints {@code culvert: message}; whatever the message holds, it stays one line. */
    static void print(PrintWriter err, String message) {
        StringBuilder line = new StringBuilder("culvert: ");
        message.codePoints()
                .map(character -> Character.isISOControl(character) ? ' ' : character)
                .forEach(line::appendCodePoint);
        err.println(line);
        err.flush();
    }
}

package io.culvert.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The manual pages; they are text files beside this class, because they are read as text. */
final class Manual {
    private Manual() {}

    static void print(PrintWriter out, String page) {
        out.print(text(page));
        out.flush();
    }

    static String text(String page) {
        String file = page + ".txt";
        try (InputStream in = Manual.class.getResourceAsStream(file)) {
            return new String(
                    Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the manual page " + file, e);
        }
    }
}

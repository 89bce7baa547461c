package io.culvert.endtoend.report;

import java.util.Locale;

/** HTML and SVG, piece by piece. */
final class Markup {
    private final StringBuilder text = new StringBuilder();

    /** Appends markup as it stands, with values formatted into it. */
    Markup add(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
        return this;
    }

    /** Text that may hold anything, fit for content and for quoted attributes. */
    static String escape(String plain) {
        return plain.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}

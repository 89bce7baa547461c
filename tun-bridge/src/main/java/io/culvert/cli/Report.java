package io.culvert.cli;

import java.io.PrintWriter;

/** Lines of counts, right-aligned, in which zeros are left out. */
final class Report {
    private final PrintWriter out;

    Report(PrintWriter out) {
        this.out = out;
    }

    /** A line, whatever the count is; the words stand behind any number. */
    Report always(long count, String words) {
        out.printf("%8d %s%n", count, words);
        return this;
    }

    /** A line, whatever the count is: {@code 1 packet read}, {@code 2 packets read}. */
    Report always(long count, String noun, String words) {
        return always(count, noun + (count == 1 ? "" : "s") + words);
    }

    /** A line unless the count is 0. */
    Report line(long count, String words) {
        return count == 0 ? this : always(count, words);
    }

    void end() {
        out.flush();
    }
}

package io.culvert.cli;

import java.io.PrintWriter;

/** Lines of counts, right-aligned, in which zeros are left out. */
final class Report {
    private final PrintWriter out;

    Report(PrintWriter out) {
        this.out = out;
    }

    /** A line, whatever the count is. */
    Report always(long count, String words) {
        out.printf("%8d %s%n", count, words);
        return this;
    }

    /** A line unless the count is 0. */
    Report line(long count, String words) {
        return count == 0 ? this : always(count, words);
    }

    void end() {
        out.flush();
    }
}

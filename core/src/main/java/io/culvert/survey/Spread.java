package io.culvert.survey;

/** The least and the greatest of the values of a header field. */
public final class Spread {
    private long least = Long.MAX_VALUE;
    private long most = Long.MIN_VALUE;

    void add(long value) {
        least = Math.min(least, value);
        most = Math.max(most, value);
    }

    public boolean isEmpty() {
        return least > most;
    }

    public long least() {
        return least;
    }

    public long most() {
        return most;
    }

    /** {@code 64}, or {@code 1-64} where it varies. */
    @Override
    public String toString() {
        return isEmpty() ? "" : least == most ? "" + least : least + "-" + most;
    }
}

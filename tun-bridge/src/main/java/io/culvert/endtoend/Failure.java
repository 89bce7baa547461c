package io.culvert.endtoend;

/**
 * Something that did not work.
 *
 * @param round in which it happened, from 1 on
 * @param what happened, without a full stop
 */
public record Failure(int round, String what) {

    /** Both, in one line. */
    public String text() {
        return "round " + round + ": " + what;
    }
}

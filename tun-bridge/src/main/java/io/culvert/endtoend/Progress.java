package io.culvert.endtoend;

/** Is told where a run is. */
public interface Progress {
    /** A contender's turn has come to a step, such as {@code TCP, 4 streams}. */
    void step(int round, String contender, String step);

    /** A contender's turn is over; what it came to in a few words. */
    void turn(int round, String contender, String outcome);
}

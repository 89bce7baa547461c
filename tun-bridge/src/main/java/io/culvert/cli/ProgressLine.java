package io.culvert.cli;

import io.culvert.endtoend.Progress;
import java.io.PrintWriter;
import java.time.Duration;

/**
 * Where a run is: on a terminal one line that changes, otherwise a line for each turn. The time
 * left follows from how long the turns so far took.
 */
final class ProgressLine implements Progress, AutoCloseable {
    private static final String CLEAR_LINE = "\r\u001b[2K";

    private final PrintWriter err;
    private final boolean isTerminal;
    private final int rounds;
    private final int turns;
    private final Duration estimate;
    private final long beginNanos = System.nanoTime();
    private int turnsDone;

    /**
     * @param turns of all contenders in all rounds
     * @param estimate how long they may take
     */
    ProgressLine(PrintWriter err, boolean isTerminal, int rounds, int turns, Duration estimate) {
        this.err = err;
        this.isTerminal = isTerminal;
        this.rounds = rounds;
        this.turns = turns;
        this.estimate = estimate;
    }

    @Override
    public void step(int round, String contender, String step) {
        if (isTerminal) {
            err.print(
                    CLEAR_LINE
                            + "round %d of %d  %s: %s  (%s left)"
                                    .formatted(round, rounds, contender, step, timeLeft()));
            err.flush();
        }
    }

    @Override
    public void turn(int round, String contender, String outcome) {
        turnsDone++;
        boolean isBadNews = outcome.startsWith("failed") || outcome.startsWith("absent");
        if (!isTerminal || isBadNews) {
            err.println(
                    (isTerminal ? CLEAR_LINE : "")
                            + "round %d of %d: %s: %s"
                                    .formatted(round, rounds, contender, outcome));
            err.flush();
        }
    }

    /** Takes the line away. */
    @Override
    public void close() {
        if (isTerminal) {
            err.print(CLEAR_LINE);
            err.flush();
        }
    }

    private String timeLeft() {
        double elapsedSeconds = (System.nanoTime() - beginNanos) / 1e9;
        double secondsPerTurn =
                turnsDone == 0 ? (double) estimate.toSeconds() / turns : elapsedSeconds / turnsDone;
        long left = Math.max(0, Math.round(secondsPerTurn * turns - elapsedSeconds));
        return "%d:%02d".formatted(left / 60, left % 60);
    }
}

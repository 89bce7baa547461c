package io.culvert.endtoend.load;

/**
 * Looks for the highest rate without loss, as RFC 2544 §26.1 defines throughput, by halving the
 * interval between a rate that passed and one that did not.
 */
public final class LossFreeRate {
    /**
     * Loss up to here counts as none: a machine with other work to do loses a packet now and then.
     */
    public static final double TOLERATED_LOSS = 0.001;

    private static final double LEAST_PER_SECOND = 5_000;
    private static final double MOST_PER_SECOND = 2_000_000;

    /** Sends at a rate for a while. */
    @FunctionalInterface
    public interface Trial {
        Count run(double perSecond) throws InterruptedException;
    }

    /**
     * What became of a trial.
     *
     * @param sent packets
     * @param received packets
     * @param seconds how long it took to send them
     */
    public record Count(long sent, long received, double seconds) {
        double loss() {
            return sent == 0 ? 1 : 1 - (double) received / sent;
        }

        double receivedPerSecond() {
            return received / seconds;
        }

        double sentPerSecond() {
            return sent / seconds;
        }
    }

    /**
     * What was found.
     *
     * @param perSecond packets a second that arrived at the highest rate without loss; 0 when every
     *     rate lost some
     * @param loss the share lost at that rate, at most {@link #TOLERATED_LOSS}
     * @param mostPerSecond packets a second that arrived in the best trial, whatever it lost
     */
    public record Result(double perSecond, double loss, double mostPerSecond) {}

    private LossFreeRate() {}

    /**
     * Searches.
     *
     * @param trials how many trials there may be, 2 or more; each halves the (logarithmic) interval
     */
    public static Result search(Trial trial, int trials) throws InterruptedException {
        // The first trial is a flood: more than the sender can do tells where to look.
        Count flood = trial.run(MOST_PER_SECOND);
        double most = flood.receivedPerSecond();
        if (flood.loss() <= TOLERATED_LOSS) {
            return new Result(flood.receivedPerSecond(), flood.loss(), most);
        }
        double low = LEAST_PER_SECOND;
        double high = Math.max(2 * LEAST_PER_SECOND, Math.min(flood.sentPerSecond(), 2 * most));
        Result best = new Result(0, 0, most);
        for (int i = 1; i < trials; i++) {
            double rate = Math.sqrt(low * high);
            Count count = trial.run(rate);
            most = Math.max(most, count.receivedPerSecond());
            if (count.loss() <= TOLERATED_LOSS) {
                low = rate;
                best = new Result(count.receivedPerSecond(), Math.max(0, count.loss()), most);
            } else {
                high = rate;
            }
        }
        return new Result(best.perSecond(), best.loss(), most);
    }
}

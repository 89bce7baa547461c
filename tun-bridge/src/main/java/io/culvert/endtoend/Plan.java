package io.culvert.endtoend;

import java.time.Duration;

/**
 * How thorough a run is.
 *
 * @param rounds how often each contender has its turn, 1 or more
 * @param duration of each measurement
 * @param udpTrials rates that are tried to find the highest without loss, each for a third of the
 *     duration
 * @param probesPerSecond rate at which round trips are measured
 */
public record Plan(int rounds, Duration duration, int udpTrials, int probesPerSecond) {
    /**
     * Until a JVM has compiled the path under load: measured after 2 s, Culvert takes half as much
     * processor time again for a gigabyte as after 6 s.
     */
    private static final Duration LEAST_WARM_UP = Duration.ofSeconds(5);

    /** Five rounds of three seconds. */
    public static final Plan USUAL = new Plan(5, Duration.ofSeconds(3), 8, 1_000);

    /** For a first look. */
    public static final Plan QUICK = new Plan(3, Duration.ofSeconds(1), 6, 1_000);

    public Plan withRounds(int newRounds) {
        return new Plan(newRounds, duration, udpTrials, probesPerSecond);
    }

    public Plan withDuration(Duration newDuration) {
        return new Plan(rounds, newDuration, udpTrials, probesPerSecond);
    }

    public Plan withProbesPerSecond(int newRate) {
        return new Plan(rounds, duration, udpTrials, newRate);
    }

    /** How long TCP runs through a tunnel before anything is measured. */
    public Duration warmUp() {
        return duration.compareTo(LEAST_WARM_UP) < 0 ? LEAST_WARM_UP : duration;
    }

    /** How long a trial of a rate takes. */
    public Duration udpTrialDuration() {
        return duration.dividedBy(3);
    }

    /** About how long it takes to go through all rounds. */
    public Duration estimate(int contenders) {
        Duration tcpAndRoundTrips = duration.multipliedBy(3);
        Duration bringUp = Duration.ofSeconds(2);
        Duration trials = udpTrialDuration().plus(Duration.ofMillis(300)).multipliedBy(udpTrials);
        return warmUp().plus(tcpAndRoundTrips)
                .plus(trials)
                .plus(bringUp)
                .multipliedBy((long) rounds * contenders);
    }
}

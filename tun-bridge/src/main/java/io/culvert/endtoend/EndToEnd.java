package io.culvert.endtoend;

import io.culvert.endtoend.contender.AbsentException;
import io.culvert.endtoend.contender.Contender;
import io.culvert.endtoend.host.CommandFailure;
import io.culvert.endtoend.host.Topology;
import io.culvert.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A run: round after round, each contender in turn, so that a machine that gets slower does so for
 * all of them. Each turn has fresh hosts.
 */
public final class EndToEnd {
    private final Plan plan;
    private final List<Contender> contenders;
    private final Progress progress;
    private final List<Measured> results = new ArrayList<>();
    private int roundsBegun;

    public EndToEnd(Plan plan, List<Contender> contenders, Progress progress) {
        this.plan = plan;
        this.contenders = List.copyOf(contenders);
        this.progress = progress;
        for (Contender contender : contenders) {
            Measured measured = new Measured(contender.name(), contender.description());
            Optional<String> obstacle = contender.obstacle();
            obstacle.ifPresent(measured::absence);
            results.add(measured);
        }
    }

    /** Contenders that nothing speaks against so far. */
    public int presentContenders() {
        return (int) results.stream().filter(result -> result.absence() == null).count();
    }

    /** What was measured, in the order of the contenders; also of a run that was interrupted. */
    public List<Measured> results() {
        return results;
    }

    public int roundsBegun() {
        return roundsBegun;
    }

    /**
     * Goes through the rounds.
     *
     * @throws InterruptedException when the thread is interrupted; everything is cleaned up then,
     *     and what was measured stays
     */
    public void run() throws InterruptedException {
        Topology.sweep();
        for (int round = 1; round <= plan.rounds(); round++) {
            roundsBegun = round;
            for (int i = 0; i < contenders.size(); i++) {
                if (results.get(i).absence() == null) {
                    turn(round, contenders.get(i), results.get(i));
                }
            }
        }
    }

    private void turn(int round, Contender contender, Measured measured)
            throws InterruptedException {
        int failuresBefore = measured.failures().size();
        progress.step(round, contender.name(), "bringing it up");
        try (Topology topology = Topology.open()) {
            new Turn(plan, contender.bringUp(topology), measured, round, progress).run();
        } catch (AbsentException e) {
            measured.absence(e.getMessage());
        } catch (CommandFailure | LinuxException e) {
            measured.addFailure(round, e.getMessage());
        }
        progress.turn(round, contender.name(), outcome(measured, failuresBefore));
    }

    private static String outcome(Measured measured, int failuresBefore) {
        if (measured.absence() != null) {
            return "absent: " + measured.absence();
        }
        if (measured.failures().size() > failuresBefore) {
            return "failed: " + measured.failures().get(failuresBefore).text();
        }
        return String.format(
                Locale.ROOT,
                "TCP %.2f and %.2f Gb/s, UDP %.0f kpps, round trip %.0f us",
                last(measured, Metric.TCP_ONE_STREAM),
                last(measured, Metric.TCP_FOUR_STREAMS),
                last(measured, Metric.UDP_WITHOUT_LOSS),
                last(measured, Metric.ROUND_TRIP_P50));
    }

    private static double last(Measured measured, Metric metric) {
        List<Double> values = measured.values(metric);
        return values.get(values.size() - 1);
    }
}

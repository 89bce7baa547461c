package io.culvert.endtoend.report;

import io.culvert.endtoend.Measured;
import io.culvert.endtoend.Plan;
import java.util.List;

/**
 * A run with all that is needed to report it.
 *
 * @param roundsBegun fewer than planned when the run was interrupted
 * @param baseline the contender that ratios refer to; null when there is none
 * @param tcpLoad what sent TCP
 */
public record Results(
        Environment environment,
        Plan plan,
        int roundsBegun,
        List<Measured> contenders,
        Measured baseline,
        String tcpLoad) {

    /** Those that this machine has. */
    public List<Measured> present() {
        return contenders.stream().filter(contender -> contender.absence() == null).toList();
    }

    /** Those that this machine does not have. */
    public List<Measured> absent() {
        return contenders.stream().filter(contender -> contender.absence() != null).toList();
    }

    /** Those that have at least one value. */
    public List<Measured> measured() {
        return contenders.stream().filter(Measured::hasValues).toList();
    }

    /** Whether something that was to be measured was not. */
    public boolean hasFailures() {
        return contenders.stream().anyMatch(contender -> !contender.failures().isEmpty());
    }
}

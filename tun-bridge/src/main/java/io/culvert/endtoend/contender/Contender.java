package io.culvert.endtoend.contender;

import io.culvert.endtoend.host.CommandFailure;
import io.culvert.endtoend.host.Topology;
import java.util.Optional;

/** One of those that are compared. */
public interface Contender {
    /** Its name in tables, for {@code --only} and for files: lower case, digits and dashes. */
    String name();

    /** What it is, in a few words. */
    String description();

    /** Why this machine cannot run it, as far as a look tells; empty when it may. */
    Optional<String> obstacle();

    /**
     * Brings it up between the two hosts.
     *
     * @throws AbsentException when it turns out that this machine cannot run it at all
     * @throws CommandFailure when it did not come up this time
     */
    Way bringUp(Topology topology) throws InterruptedException;
}

package io.culvert.cli;

import io.culvert.attach.RuntimeDirectory;
import java.nio.file.InvalidPathException;

/** What {@code --control} says, at both ends of a control socket. */
final class ControlOptions {
    private ControlOptions() {}

    /**
     * The directories of control sockets.
     *
     * @param option what follows {@code --control}, or null
     * @throws IllegalArgumentException with a sentence for the user
     */
    static RuntimeDirectory directory(String option) {
        try {
            return RuntimeDirectory.of(option, System.getenv());
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "--control and "
                            + RuntimeDirectory.VARIABLE
                            + " are directories: "
                            + e.getMessage(),
                    e);
        }
    }
}

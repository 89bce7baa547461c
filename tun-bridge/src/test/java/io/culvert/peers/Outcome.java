package io.culvert.peers;

/**
 * What a command that has ended left behind.
 *
 * @param command the command as a person would type it
 * @param exitStatus its exit status; 128 and more for a signal
 */
public record Outcome(String command, int exitStatus, String stdout, String stderr) {

    public boolean succeeded() {
        return exitStatus == 0;
    }

    /** Returns this, or throws with everything the command wrote when its exit status is not 0. */
    public Outcome orThrow() {
        if (!succeeded()) {
            throw new IllegalStateException(toString());
        }
        return this;
    }

    @Override
    public String toString() {
        return "%s: exit status %d%n%s%s".formatted(command, exitStatus, stdout, stderr);
    }
}

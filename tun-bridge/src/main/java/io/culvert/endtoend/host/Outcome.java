package io.culvert.endtoend.host;

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

    /**
     * This, when it succeeded.
     *
     * @throws CommandFailure with what the command complained about, when its exit status is not 0
     */
    public Outcome orThrow() {
        if (!succeeded()) {
            throw new CommandFailure(command + ": " + complaint());
        }
        return this;
    }

    /** What it complained about, in one line; never empty. */
    public String complaint() {
        String text = (stderr.isBlank() ? stdout : stderr).strip().replaceAll("\\s+", " ");
        return text.isEmpty() ? "exit status " + exitStatus : text;
    }
}

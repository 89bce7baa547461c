package io.culvert.doctor;

/**
 * How a program ended.
 *
 * @param status its exit status
 * @param stdout what it wrote to standard output
 * @param stderr what it wrote to standard error
 */
public record ProgramOutput(int status, String stdout, String stderr) {

    boolean succeeded() {
        return status == 0;
    }

    /** The first line of its complaint, for a person. */
    String complaint() {
        return stderr.strip().lines().findFirst().orElse("exit status " + status);
    }
}

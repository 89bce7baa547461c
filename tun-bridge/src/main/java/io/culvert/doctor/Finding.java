package io.culvert.doctor;

import java.util.Objects;

/**
 * What one look at one thing came to.
 *
 * @param id what was looked at and found, kebab-case; the same in every release, for scripts
 * @param severity how bad it is
 * @param evidence what was seen, with its figures as they stand in the system
 * @param meaning what that means for the tunnel; empty when all is well
 * @param remedy the command that mends it, one per line; empty when nothing needs mending
 */
public record Finding(
        String id, Severity severity, String evidence, String meaning, String remedy) {

    /** Checks that nothing is missing. */
    public Finding {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(severity, "severity");
        Objects.requireNonNull(evidence, "evidence");
        Objects.requireNonNull(meaning, "meaning");
        Objects.requireNonNull(remedy, "remedy");
    }

    /** All is well. */
    public static Finding ok(String id, String evidence) {
        return new Finding(id, Severity.OK, evidence, "", "");
    }

    /** It could not be told. */
    public static Finding unknown(String id, String evidence, String meaning, String remedy) {
        return new Finding(id, Severity.UNKNOWN, evidence, meaning, remedy);
    }

    /** Packets pass, but not all or not always. */
    public static Finding warning(String id, String evidence, String meaning, String remedy) {
        return new Finding(id, Severity.WARNING, evidence, meaning, remedy);
    }

    /** Packets do not pass. */
    public static Finding error(String id, String evidence, String meaning, String remedy) {
        return new Finding(id, Severity.ERROR, evidence, meaning, remedy);
    }
}

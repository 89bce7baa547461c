package io.culvert.dissect;

/**
 * Something in a layer that a reader should know.
 *
 * @param sentence lower case, without a full stop
 */
public record Problem(String sentence, Severity severity) {
    /** How bad it is. */
    public enum Severity {
        /** Worth knowing; nothing is wrong. */
        NOTE,
        /** A standard says otherwise, and some receivers will not take the packet. */
        WARNING,
        /** Broken: no receiver can or should take it. */
        ERROR;

        /** In lower case. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}

package io.culvert.doctor.firewall;

/**
 * What becomes of a packet.
 *
 * @param kind what
 * @param base the chain at the hook that decided; {@code null} when it passes
 * @param because the rule that decided, or the chain's policy; empty when it passes
 */
public record Fate(Kind kind, FilterChain base, String because) {
    static final Fate PASSES = new Fate(Kind.PASSES, null, "");

    /** What becomes of it. */
    public enum Kind {
        /** It goes on. */
        PASSES,
        /** It is dropped silently. */
        DROPPED,
        /** It is dropped and its sender is told. */
        REJECTED,
        /** It depends on what cannot be seen. */
        UNSURE
    }

    /** The chain that decided, in words. */
    public String chain() {
        return base == null ? "" : base.words();
    }
}

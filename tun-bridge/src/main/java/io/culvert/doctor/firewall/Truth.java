package io.culvert.doctor.firewall;

/** The answer to what a rule asks of a packet. */
enum Truth {
    YES,
    NO,
    /** It depends on what cannot be seen from outside. */
    MAYBE;

    static Truth of(boolean isSo) {
        return isSo ? YES : NO;
    }

    Truth negated() {
        return switch (this) {
            case YES -> NO;
            case NO -> YES;
            case MAYBE -> MAYBE;
        };
    }

    /** Whether both are so. */
    Truth and(Truth other) {
        if (this == NO || other == NO) {
            return NO;
        }
        return this == YES && other == YES ? YES : MAYBE;
    }

    /** Whether one of them is so. */
    Truth or(Truth other) {
        return negated().and(other.negated()).negated();
    }
}

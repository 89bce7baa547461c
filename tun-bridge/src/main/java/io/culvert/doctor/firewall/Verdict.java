package io.culvert.doctor.firewall;

/**
 * What a rule does with a packet.
 *
 * @param kind what
 * @param target the chain to go to; empty for the others
 */
record Verdict(Kind kind, String target) {
    static final Verdict ACCEPT = new Verdict(Kind.ACCEPT, "");
    static final Verdict DROP = new Verdict(Kind.DROP, "");
    static final Verdict REJECT = new Verdict(Kind.REJECT, "");
    static final Verdict RETURN = new Verdict(Kind.RETURN, "");
    static final Verdict NONE = new Verdict(Kind.NONE, "");
    static final Verdict OBSCURE = new Verdict(Kind.OBSCURE, "");

    enum Kind {
        ACCEPT,
        DROP,
        REJECT,
        JUMP,
        GOTO,
        RETURN,
        /** Counts or logs, and goes on. */
        NONE,
        /** Something that this program does not know. */
        OBSCURE
    }

    static Verdict jump(String target) {
        return new Verdict(Kind.JUMP, target);
    }

    static Verdict goTo(String target) {
        return new Verdict(Kind.GOTO, target);
    }
}

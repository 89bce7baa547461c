package io.culvert.verdict;

import java.util.List;

/**
 * What a receiver does with a packet.
 *
 * @param answer in a word
 * @param reason why, in one sentence without a full stop; empty where there is nothing to say
 * @param rule where the rule is written: an RFC's section, or what the receiver counts
 * @param conditions what must hold of the receiver for the answer to be true, each a sentence
 */
public record Verdict(Answer answer, String reason, String rule, List<String> conditions) {
    /** The answer in a word. */
    public enum Answer {
        /** It decapsulates the packet and goes on with the inner one. */
        TAKES("takes it"),
        /** It does not. */
        DROPS("drops it"),
        /** It keeps a fragment until the others are there; then the whole is judged. */
        WAITS("waits for the other fragments"),
        /** No tunnel is involved: the packet is an ordinary one. */
        IS_NO_TUNNEL_PACKET("sees no tunnel packet"),
        /** Not enough of it was captured. */
        CANNOT_TELL("cannot be told");

        private final String words;

        Answer(String words) {
            this.words = words;
        }

        /** As a sentence goes on behind the receiver's name. */
        public String words() {
            return words;
        }

        /** In kebab-case, for programs. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    public Verdict {
        conditions = List.copyOf(conditions);
    }

    static Verdict takes(String reason, String rule, List<String> conditions) {
        return new Verdict(Answer.TAKES, reason, rule, conditions);
    }

    static Verdict drops(String reason, String rule) {
        return new Verdict(Answer.DROPS, reason, rule, List.of());
    }

    static Verdict of(Answer answer, String reason) {
        return new Verdict(answer, reason, "", List.of());
    }
}

package io.culvert.tunnel;

/**
 * What a tunnel's keepalives say about its peer, at one moment.
 *
 * @param state whether the peer answers
 * @param stateNanos how long that has been so
 * @param asked keepalives that were to be sent
 * @param answered those that were answered
 * @param lost those that were not, and the time for it is over
 * @param sinceAnswerNanos time since the last answer; -1 when there was none
 * @param lastNanos round trip of the last answer that told which keepalive it was for; -1 when
 *     there was none, and so are the others
 * @param leastNanos the shortest round trip
 * @param mostNanos the longest round trip
 */
public record PeerHealth(
        State state,
        long stateNanos,
        long asked,
        long answered,
        long lost,
        long sinceAnswerNanos,
        long lastNanos,
        long leastNanos,
        long mostNanos) {

    /** Whether the peer answers. */
    public enum State {
        /** It has never answered, and has not been asked for long enough. */
        UNKNOWN,
        /** It answers. */
        ANSWERING,
        /** It has left as many keepalives unanswered as it may. */
        GONE
    }
}

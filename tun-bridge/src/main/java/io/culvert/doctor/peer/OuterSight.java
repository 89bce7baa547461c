package io.culvert.doctor.peer;

/**
 * An outer packet that was seen.
 *
 * @param nanos when
 * @param isOutgoing whether this host sent it
 * @param source IPv4 address bits
 * @param destination IPv4 address bits
 * @param protocol IP protocol number
 * @param gre its GRE header; {@code null} for other protocols
 * @param innerSource IPv4 address bits of the inner packet's source; 0 when it has none
 * @param answeredNumber the number of our request that it answers, or -1
 */
record OuterSight(
        long nanos,
        boolean isOutgoing,
        int source,
        int destination,
        int protocol,
        GreSight gre,
        int innerSource,
        int answeredNumber) {

    boolean isAnswer() {
        return answeredNumber >= 0;
    }
}

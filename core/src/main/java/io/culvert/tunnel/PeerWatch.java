package io.culvert.tunnel;

import io.culvert.spec.KeepaliveSpec;
import io.culvert.tunnel.PeerHealth.State;
import java.util.function.LongConsumer;

/**
 * Judges by keepalives and their answers whether a tunnel's peer is there.
 *
 * <p>Each period begins with a keepalive. A period that passes without any answer is a miss, and
 * {@link KeepaliveSpec#retries()} misses in a row mean that the peer is gone; one answer brings it
 * back. An answer that comes later than a period counts as well, so a period may be shorter than
 * the round trip.
 *
 * <p>For any thread: one lane asks, and the answer may come to another.
 */
public final class PeerWatch {
    /** Numbers of keepalives go round from 1 to this; 0 would be an order to the kernel. */
    static final int MOST_NUMBER = 0xffff;

    /** As many keepalives are remembered by the time they were sent. A power of two. */
    private static final int REMEMBERED = 64;

    private static final int ANSWERED = 0;

    private final KeepaliveSpec spec;
    private final int[] numbers = new int[REMEMBERED];
    private final long[] sentNanos = new long[REMEMBERED];
    private State state = State.UNKNOWN;
    private long stateSinceNanos;
    private int lastNumber;
    private boolean isAsking;
    private boolean hasAnswer;
    private int misses;
    private long asked;
    private long answered;
    private long answerNanos;
    private long lastNanos = -1;
    private long leastNanos = -1;
    private long mostNanos = -1;
    private LongConsumer roundTrips = nanos -> {};

    /**
     * @param nowNanos {@link System#nanoTime()}, as everywhere here
     */
    public PeerWatch(KeepaliveSpec spec, long nowNanos) {
        this.spec = spec;
        this.stateSinceNanos = nowNanos;
    }

    public KeepaliveSpec spec() {
        return spec;
    }

    /**
     * Tells each round trip from now on.
     *
     * @param sink takes nanoseconds, one after the other, on the thread of whoever takes the answer
     */
    public synchronized void roundTrips(LongConsumer sink) {
        roundTrips = sink;
    }

    /**
     * Ends a period and begins the next.
     *
     * @return whether the peer is gone from now on
     */
    public synchronized boolean beginPeriod(long nowNanos) {
        misses = hasAnswer || !isAsking ? 0 : misses + 1;
        hasAnswer = false;
        isAsking = true;
        return misses >= spec.retries() && change(State.GONE, nowNanos);
    }

    /** Whether the period that ended last passed without an answer. */
    public synchronized boolean hasMissed() {
        return misses > 0;
    }

    /** The number of the keepalive that is sent now. */
    public synchronized int nextNumber(long nowNanos) {
        lastNumber = lastNumber % MOST_NUMBER + 1;
        asked++;
        numbers[lastNumber % REMEMBERED] = lastNumber;
        sentNanos[lastNumber % REMEMBERED] = nowNanos;
        return lastNumber;
    }

    /** Forgets what was asked, because the tunnel is down and will not be asked on. */
    public synchronized void pause() {
        if (isAsking) {
            isAsking = false;
            hasAnswer = false;
            misses = 0;
        }
    }

    /**
     * How long the answer to a keepalive was under way; -1 when that is not known, or when it has
     * been answered before. To be asked before {@link #answered}.
     */
    public synchronized long roundTripNanos(int number, long nowNanos) {
        return isAsking && isRecent(number) ? nowNanos - sentNanos[number % REMEMBERED] : -1;
    }

    /**
     * Takes an answer.
     *
     * @param number the keepalive's that it is for; one that was never sent stands for the last,
     *     because a peer may have changed it
     * @return whether the peer is back, or here for the first time
     */
    public synchronized boolean answered(int number, long nowNanos) {
        if (!isAsking || isRepeated(number)) {
            return false;
        }
        int known = isRecent(number) ? number : lastNumber;
        if (isRecent(number)) {
            recordRoundTrip(nowNanos - sentNanos[number % REMEMBERED]);
        }
        numbers[known % REMEMBERED] = ANSWERED;
        answered++;
        answerNanos = nowNanos;
        hasAnswer = true;
        misses = 0;
        return change(State.ANSWERING, nowNanos);
    }

    /** Whether the peer is gone. */
    public synchronized boolean isGone() {
        return state == State.GONE;
    }

    /** What is known at this moment. */
    public synchronized PeerHealth health(long nowNanos) {
        boolean isWaiting = isAsking && asked > 0 && isRecent(lastNumber);
        return new PeerHealth(
                state,
                nowNanos - stateSinceNanos,
                asked,
                answered,
                asked - answered - (isWaiting ? 1 : 0),
                answered == 0 ? -1 : nowNanos - answerNanos,
                lastNanos,
                leastNanos,
                mostNanos);
    }

    private boolean isRecent(int number) {
        return number != ANSWERED && numbers[number % REMEMBERED] == number;
    }

    /** One that was sent of late and is no longer remembered has had its answer. */
    private boolean isRepeated(int number) {
        int age = Math.floorMod(lastNumber - number, MOST_NUMBER);
        boolean wasSent = number != 0 && age < Math.min(asked, REMEMBERED);
        return wasSent ? !isRecent(number) : !isRecent(lastNumber);
    }

    private void recordRoundTrip(long nanos) {
        lastNanos = nanos;
        leastNanos = leastNanos < 0 ? nanos : Math.min(leastNanos, nanos);
        mostNanos = Math.max(mostNanos, nanos);
        roundTrips.accept(nanos);
    }

    private boolean change(State to, long nowNanos) {
        if (state == to) {
            return false;
        }
        state = to;
        stateSinceNanos = nowNanos;
        return true;
    }
}

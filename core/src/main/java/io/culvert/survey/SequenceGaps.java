package io.culvert.survey;

/**
 * What sequence numbers tell of packets that did not come, came late or came twice.
 *
 * <p>Problem: a number that is behind is a duplicate or one that was overtaken. Layout: the highest
 * number so far and one bit for each of the 64 up to it, as in IPsec's anti-replay window (RFC 4303
 * appendix A2). A number further away than {@link #FARTHEST} is taken for a sender that started
 * again.
 */
public final class SequenceGaps {
    /** More than that are not lost in a row while a tunnel works. */
    static final int FARTHEST = 1 << 16;

    private static final int WINDOW = Long.SIZE;

    private boolean hasBegun;
    private int highest;
    private long seen;
    private long missing;
    private long late;
    private long repeated;
    private long restarts;

    /** Takes note of a packet's number. */
    void add(int number) {
        int ahead = number - highest;
        if (!hasBegun || ahead > FARTHEST || ahead < -FARTHEST) {
            restarts += hasBegun ? 1 : 0;
            begin(number);
        } else if (ahead > 0) {
            missing += ahead - 1;
            seen = ahead < WINDOW ? seen << ahead | 1 : 1;
            highest = number;
        } else if (-ahead >= WINDOW) {
            addFarBehind(number);
        } else if ((seen & 1L << -ahead) != 0) {
            repeated++;
        } else {
            seen |= 1L << -ahead;
            late++;
            missing -= Math.min(missing, 1);
        }
    }

    /** Numbers from 0 on are those of a new beginning; others are only very late. */
    private void addFarBehind(int number) {
        if (number >= 0 && number < WINDOW) {
            restarts++;
            begin(number);
        } else {
            late++;
            missing -= Math.min(missing, 1);
        }
    }

    private void begin(int number) {
        hasBegun = true;
        highest = number;
        seen = 1;
    }

    /** Numbers that never came, as far as is known now. */
    public long missing() {
        return missing;
    }

    /** Packets that were overtaken by later ones. */
    public long late() {
        return late;
    }

    /** Packets whose number had come before. */
    public long repeated() {
        return repeated;
    }

    /** How often the sender began anew. */
    public long restarts() {
        return restarts;
    }
}

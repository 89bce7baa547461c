package io.culvert.tunnel;

/**
 * Explicit congestion notification across a tunnel (RFC 3168, RFC 6040).
 *
 * <p>The two bits: 0 Not-ECT, 1 ECT(1), 2 ECT(0), 3 CE.
 */
public final class Ecn {
    public static final int NOT_ECT = 0;
    public static final int ECT_1 = 1;
    public static final int ECT_0 = 2;
    public static final int CE = 3;

    /** What {@link #decapsulate} returns for a packet that must be dropped. */
    public static final int DROP = -1;

    /** RFC 6040 §4.2 figure 4; a row per inner value, a column per outer value. */
    private static final byte[] DECAPSULATED = {
        NOT_ECT, NOT_ECT, NOT_ECT, DROP,
        ECT_1, ECT_1, ECT_1, CE,
        ECT_0, ECT_1, ECT_0, CE,
        CE, CE, CE, CE
    };

    private Ecn() {}

    /**
     * The outer bits for inner ones.
     *
     * <p>Deviation: RFC 6040 §4.1 copies CE. Linux sends ECT(0) for it, the full functionality of
     * RFC 3168 §9.1.1, and Linux is the peer that users have.
     */
    public static int encapsulate(int inner) {
        return inner == CE ? ECT_0 : inner;
    }

    /** The inner bits after decapsulation, or {@link #DROP} (RFC 6040 §4.2). */
    public static int decapsulate(int inner, int outer) {
        return DECAPSULATED[inner << 2 | outer];
    }
}

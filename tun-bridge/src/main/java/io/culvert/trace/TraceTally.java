package io.culvert.trace;

import io.culvert.observe.TraceRecord;

/**
 * Counts what becomes of the packets of one trace, so that all of them add up.
 *
 * <p>A lane numbers its packets: what is missing between two that came was skipped or left out by
 * the sample. What is missing behind the last one only the tunnel's last counts can tell; where
 * they have not come, the totals are those up to that packet. For one thread.
 */
final class TraceTally {
    private final long[] lastNumbers;
    private final boolean isSample;
    private long shown;
    private long filtered;
    private long skippedHere;
    private long malformed;

    /**
     * @param lanes how many there are
     * @param sampleOneIn of so many packets one was asked for
     */
    TraceTally(int lanes, int sampleOneIn) {
        lastNumbers = new long[Math.max(1, lanes)];
        isSample = sampleOneIn > 1;
    }

    /** Notes a packet that came; what became of it is to follow. */
    void take(TraceRecord record) {
        if (record.lane() >= 0 && record.lane() < lastNumbers.length) {
            lastNumbers[record.lane()] = record.number();
        }
    }

    void show() {
        shown++;
    }

    void filterOut() {
        filtered++;
    }

    void skip(long packets) {
        skippedHere += packets;
    }

    void refuseMalformed() {
        malformed++;
    }

    long shown() {
        return shown;
    }

    /**
     * The totals of all packets that came, and of those that the tunnel kept for itself.
     *
     * @param last what the tunnel counted
     * @param isWhole whether it counted up to the end, and all that came was taken; otherwise the
     *     totals are of the packets up to the last one that was taken
     */
    TraceTotals totals(TraceCounts last, boolean isWhole) {
        long came = shown + filtered + skippedHere + malformed;
        long seen = Math.max(came, isWhole ? last.seen() : numbered());
        long missing = seen - came;
        long skippedByTunnel = isSample ? Math.min(missing, last.skipped()) : missing;
        return new TraceTotals(
                seen,
                shown,
                filtered,
                missing - skippedByTunnel,
                skippedByTunnel,
                skippedHere,
                malformed);
    }

    private long numbered() {
        long numbered = 0;
        for (long number : lastNumbers) {
            numbered += number;
        }
        return numbered;
    }
}

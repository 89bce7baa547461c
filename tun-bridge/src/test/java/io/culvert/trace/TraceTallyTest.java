package io.culvert.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.observe.TraceRecord;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever became of the packets, the totals add up. */
class TraceTallyTest {
    private final TracedLane lane = new TracedLane("tun0 remote 192.0.2.2 mode gre");

    @AfterEach
    void close() {
        lane.close();
    }

    /** Has the tunnel carry packets, the last of which is taken; how many are missing before it. */
    private void takeLastOf(TraceTally tally, int packets) {
        for (int i = 0; i < packets; i++) {
            lane.send(new byte[10]);
        }
        byte[] records = lane.tracedRecords();
        TraceRecord record = new TraceRecord();
        for (int at = 0; at < records.length; at += record.lengthBytes()) {
            record.wrap(ByteBuffer.wrap(records), at);
        }
        tally.take(record);
    }

    @Test
    void whatIsMissingBetweenTwoPacketsWasSkippedByTheTunnel() {
        TraceTally tally = new TraceTally(1, 1);
        takeLastOf(tally, 4);
        tally.show();
        takeLastOf(tally, 10);
        tally.filterOut();
        assertThat(tally.totals(TraceCounts.NONE, false))
                .isEqualTo(new TraceTotals(14, 1, 1, 0, 12, 0, 0));
    }

    @Test
    void whatIsMissingBehindTheLastPacketIsKnownFromTheLastCountsOnly() {
        TraceTally tally = new TraceTally(1, 1);
        takeLastOf(tally, 1);
        tally.show();
        TraceCounts counts = new TraceCounts(40_000, 39_999);
        assertThat(tally.totals(counts, false)).isEqualTo(new TraceTotals(1, 1, 0, 0, 0, 0, 0));
        assertThat(tally.totals(counts, true))
                .isEqualTo(new TraceTotals(40_000, 1, 0, 0, 39_999, 0, 0));
    }

    @Test
    void ofASampleWhatTheTunnelDidNotSkipWasLeftOut() {
        TraceTally tally = new TraceTally(1, 100);
        takeLastOf(tally, 300);
        tally.show();
        tally.skip(2);
        assertThat(tally.totals(new TraceCounts(1000, 7), true))
                .isEqualTo(new TraceTotals(1000, 1, 0, 990, 7, 2, 0));
        assertThat(tally.totals(new TraceCounts(100, 0), false))
                .isEqualTo(new TraceTotals(300, 1, 0, 297, 0, 2, 0));
    }

    @ParameterizedTest
    @CsvSource({"true, 1", "true, 100", "false, 1", "false, 100"})
    void nothingSeenIsNothing(boolean isWhole, int sampleOneIn) {
        assertThat(new TraceTally(0, sampleOneIn).totals(TraceCounts.NONE, isWhole))
                .isEqualTo(new TraceTotals(0, 0, 0, 0, 0, 0, 0));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 47, -3})
    void theTotalsAddUpForAnyCounts(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            TraceTally tally = new TraceTally(1, 1 + random.nextInt(2));
            for (int fate = random.nextInt(6); fate > 0; fate--) {
                tally.show();
                tally.filterOut();
                tally.skip(random.nextInt(5));
            }
            if (random.nextInt(10) == 0) {
                tally.refuseMalformed();
            }
            TraceCounts counts = new TraceCounts(random.nextInt(50), random.nextInt(50));
            TraceTotals totals = tally.totals(counts, random.nextBoolean());
            assertThat(totals.seen())
                    .isEqualTo(
                            totals.shown()
                                    + totals.filtered()
                                    + totals.sampledOut()
                                    + totals.skippedByTunnel()
                                    + totals.skippedHere()
                                    + totals.malformed());
            assertThat(totals.sampledOut()).isNotNegative();
            assertThat(totals.skippedByTunnel()).isNotNegative();
        }
    }
}

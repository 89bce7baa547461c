package io.culvert.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatencyRecorderTest {
    private final LatencyRecorder recorder = new LatencyRecorder();

    @Test
    void nothingRecordedIsNothingCounted() {
        assertThat(recorder.counts().packets()).isZero();
        assertThat(buckets(recorder.counts())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "255, 255",
        "256, 256",
        "257, 256",
        "258, 258",
        "511, 510",
        "512, 512",
        "515, 512",
        "516, 516",
        "68719476735, 68451041280",
        // what clocks may claim, and what takes for ever
        "-1, 0",
        "-9223372036854775808, 0",
        "68719476736, 68451041280",
        "9223372036854775807, 68451041280",
    })
    void aDurationIsCountedInItsBucketAndInNoOther(long nanos, long leastNanos) {
        recorder.record(nanos, 3);
        assertThat(buckets(recorder.counts())).containsExactly(List.of(leastNanos, 3L));
    }

    @Test
    void everyBucketBeginsWhereTheOneBeforeEndsAndIsWithinOnePercent() {
        for (int bucket = 0; bucket < LatencyRecorder.BUCKETS; bucket++) {
            long least = LatencyRecorder.leastNanos(bucket);
            assertThat(LatencyRecorder.bucket(least)).isEqualTo(bucket);
            if (bucket > 0) {
                assertThat(LatencyRecorder.bucket(least - 1)).isEqualTo(bucket - 1);
                long before = LatencyRecorder.leastNanos(bucket - 1);
                assertThat(least - 1 - before).isLessThanOrEqualTo(before / 100);
            }
        }
    }

    @Test
    void twoReadersSeeEachTheirOwnInterval() {
        LatencyCounts first = recorder.counts();
        recorder.record(5_000, 5);
        LatencyCounts second = recorder.counts();
        recorder.record(300, 2);

        assertThat(recorder.counts().minus(first).packets()).isEqualTo(7);
        assertThat(buckets(recorder.counts().minus(second))).containsExactly(List.of(300L, 2L));
        assertThat(first.packets()).isZero();
    }

    @Test
    void lanesAddUp() {
        LatencyRecorder other = new LatencyRecorder();
        recorder.record(100, 1);
        other.record(100, 2);
        other.record(90, 1);
        assertThat(buckets(recorder.counts().plus(other.counts())))
                .containsExactly(List.of(90L, 1L), List.of(100L, 3L));
        assertThat(recorder.counts().packets()).isEqualTo(1);
    }

    private static List<List<Long>> buckets(LatencyCounts counts) {
        List<List<Long>> buckets = new ArrayList<>();
        counts.forEach((nanos, packets) -> buckets.add(List.of(nanos, packets)));
        return buckets;
    }
}

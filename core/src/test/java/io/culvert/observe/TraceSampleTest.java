package io.culvert.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceSampleTest {
    private static final int PACKETS = 100_000;

    private static List<Integer> oneByOne(TraceSample sample) {
        List<Integer> taken = new ArrayList<>();
        for (int i = 0; i < PACKETS; i++) {
            if (sample.takesNext()) {
                taken.add(i);
            }
        }
        return taken;
    }

    @ParameterizedTest(name = "one in {0}, seed {1}")
    @CsvSource({"1, 1", "2, 47", "10, -3", "100, 5", "1000, 7"})
    void inBatchesTheSamePacketsAreTakenAsOneByOne(int oneIn, long seed) {
        TraceSample sample = new TraceSample(oneIn, seed);
        Random random = new Random(seed);
        List<Integer> taken = new ArrayList<>();
        for (int at = 0; at < PACKETS; ) {
            int end = Math.min(PACKETS, at + random.nextInt(130));
            for (int before = sample.nextWithin(end - at);
                    before != TraceSample.NONE;
                    before = sample.nextWithin(end - at)) {
                taken.add(at + before);
                at += before + 1;
            }
            at = end;
        }
        assertThat(taken).isEqualTo(oneByOne(new TraceSample(oneIn, seed)));
        assertThat(taken.size()).isBetween(PACKETS / oneIn * 4 / 5, PACKETS / oneIn * 6 / 5);
    }

    @Test
    void theDistancesAreNotAllAlike() {
        List<Integer> taken = oneByOne(new TraceSample(10, 1));
        List<Integer> distances = new ArrayList<>();
        for (int i = 1; i < taken.size(); i++) {
            distances.add(taken.get(i) - taken.get(i - 1));
        }
        assertThat(distances).contains(1, 5, 10, 15, 19).allMatch(d -> d >= 1 && d <= 19);
    }
}

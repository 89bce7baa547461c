package io.culvert.survey;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Seeds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SequenceGapsTest {
    private final SequenceGaps gaps = new SequenceGaps();

    @Test
    void numbersInOrderAreNothingToSpeakOf() {
        IntStream.range(1000, 2000).forEach(gaps::add);

        assertCounts(0, 0, 0, 0);
    }

    @Test
    void whatWasLeftOutIsMissingUntilItComesLate() {
        add(0, 1, 5, 6);
        assertCounts(3, 0, 0, 0);

        add(3, 2);
        assertCounts(1, 2, 0, 0);
    }

    @Test
    void whatComesTwiceIsRepeatedAndNotLate() {
        add(0, 1, 2, 1, 2, 2);

        assertCounts(0, 0, 3, 0);
    }

    @Test
    void numbersWrapAroundWithoutAGap() {
        add(-2, -1, 0, 1);
        assertCounts(0, 0, 0, 0);

        add(3);
        assertCounts(1, 0, 0, 0);
    }

    @Test
    void aSenderThatBeginsAnewIsNoLoss() {
        IntStream.range(0, 1000).forEach(gaps::add);
        add(0, 1, 2);
        assertCounts(0, 0, 0, 1);

        add(1_000_000_000);
        assertCounts(0, 0, 0, 2);
    }

    @Test
    void whatIsFurtherBehindThanTheWindowIsLate() {
        add(1000, 1001, 1200, 1100);

        assertCounts(197, 1, 0, 0);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void shuffledWithinTheWindowNothingIsMissing(long seed) {
        Random random = new Random(seed);
        int first = random.nextInt();
        gaps.add(first);
        List<Integer> window = new ArrayList<>();
        for (int i = 1; i <= 640; i++) {
            window.add(first + i);
            if (i % 32 == 0) {
                Collections.shuffle(window, random);
                window.forEach(gaps::add);
                window.clear();
            }
        }

        assertThat(gaps.missing()).isZero();
        assertThat(gaps.repeated()).isZero();
        assertThat(gaps.restarts()).isZero();
        assertThat(gaps.late()).isPositive();
    }

    private void add(int... numbers) {
        for (int number : numbers) {
            gaps.add(number);
        }
    }

    private void assertCounts(long missing, long late, long repeated, long restarts) {
        assertThat(List.of(gaps.missing(), gaps.late(), gaps.repeated(), gaps.restarts()))
                .as("missing, late, repeated, restarts")
                .containsExactly(missing, late, repeated, restarts);
    }
}

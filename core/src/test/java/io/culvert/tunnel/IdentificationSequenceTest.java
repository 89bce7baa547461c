package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentificationSequenceTest {
    @Test
    void oneLaneUsesEveryNumberButZeroBeforeItRepeatsOne() {
        IdentificationSequence sequence = IdentificationSequence.after(65_534);
        assertThat(sequence.next()).isEqualTo(65_535);
        assertThat(sequence.next()).isEqualTo(1);
        BitSet used = new BitSet();
        for (int i = 0; i < 65_535; i++) {
            used.set(sequence.next());
        }
        assertThat(used.cardinality()).isEqualTo(65_535);
        assertThat(used.get(0)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 64})
    void lanesNeverUseTheSameNumberHoweverOftenTheyWrap(int lanes) {
        Random random = new Random(lanes);
        RememberedErrors errors = new RememberedErrors();
        BitSet usedBefore = new BitSet();
        for (int lane = 0; lane < lanes; lane++) {
            LaneShare share = new LaneShare(lane, lanes, errors);
            IdentificationSequence sequence = IdentificationSequence.of(share, random);
            BitSet used = new BitSet();
            for (int i = 0; i < 200_000; i++) {
                used.set(sequence.next());
            }
            assertThat(used.intersects(usedBefore)).isFalse();
            assertThat(used.get(0)).isFalse();
            usedBefore.or(used);
        }
        boolean isPowerOfTwo = Integer.bitCount(lanes) == 1;
        assertThat(usedBefore.cardinality()).isLessThanOrEqualTo(65_535);
        if (isPowerOfTwo) {
            assertThat(usedBefore.cardinality()).isEqualTo(65_535);
        }
    }
}

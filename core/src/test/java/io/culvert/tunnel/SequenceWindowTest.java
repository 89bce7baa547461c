package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SequenceWindowTest {
    private final SequenceWindow window = new SequenceWindow();

    @Test
    void numbersInOrderPass() {
        for (int number = 0; number < 1000; number++) {
            assertThat(window.accept(number)).isTrue();
        }
        assertThat(window.expected()).isEqualTo(1000);
    }

    @Test
    void theFirstPacketMayHaveAnyNumber() {
        assertThat(window.accept(0xdead_beef)).isTrue();
        assertThat(window.expected()).isEqualTo(0xdead_bef0);
    }

    @Test
    void aGapIsAcceptedAndWhatFillsItLaterIsNot() {
        assertThat(window.accept(1)).isTrue();
        assertThat(window.accept(5)).isTrue();
        assertThat(window.accept(2)).isFalse();
        assertThat(window.accept(5)).isFalse();
        assertThat(window.accept(6)).isTrue();
        assertThat(window.expected()).isEqualTo(7);
    }

    @Test
    void theCountWrapsAround() {
        assertThat(window.accept(-2)).isTrue();
        assertThat(window.accept(-2)).isFalse();
        assertThat(window.accept(-1)).isTrue();
        assertThat(window.expected()).isZero();
        assertThat(window.accept(0)).isTrue();
        assertThat(window.accept(-1)).isFalse();
        assertThat(window.accept(1)).isTrue();
    }

    @Test
    void atTheMomentOfTheWrapAnyNumberPassesAsItDoesWithLinux() {
        assertThat(window.accept(-1)).isTrue();
        assertThat(window.accept(-100)).isTrue();
        assertThat(window.accept(-100)).isFalse();
    }

    @Test
    void aGapAcrossTheWrapIsAccepted() {
        assertThat(window.accept(-3)).isTrue();
        assertThat(window.accept(7)).isTrue();
        assertThat(window.accept(-1)).isFalse();
    }

    @Test
    void halfOfTheNumbersAreBehindAndHalfAhead() {
        assertThat(window.accept(0)).isTrue();
        assertThat(window.accept(0x8000_0001)).isFalse();
        assertThat(window.accept(0x8000_0000)).isTrue();
    }

    @Test
    void aPeerThatStartsAnewIsDeafUntilItPassesItsOldNumber() {
        for (int number = 0; number <= 500; number++) {
            window.accept(number);
        }
        for (int number = 0; number <= 500; number++) {
            assertThat(window.accept(number)).isFalse();
        }
        assertThat(window.accept(501)).isTrue();
    }

    /** {@code i_seqno && (s32)(seq - i_seqno) < 0} drops; otherwise {@code i_seqno = seq + 1}. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource(Seeds.EACH)
    void everyNumberIsJudgedAsTheKernelWould(long seed) {
        Random random = new Random(seed);
        long expected = 0;
        for (int i = 0; i < 100_000; i++) {
            long number =
                    random.nextInt(8) == 0
                            ? random.nextInt() & 0xffff_ffffL
                            : expected + random.nextInt(5) - 2 & 0xffff_ffffL;
            long ahead = number - expected & 0xffff_ffffL;
            boolean passes = expected == 0 || ahead < 0x8000_0000L;
            assertThat(window.accept((int) number)).isEqualTo(passes);
            if (passes) {
                expected = number + 1 & 0xffff_ffffL;
            }
            assertThat(window.expected()).isEqualTo((int) expected);
        }
    }
}

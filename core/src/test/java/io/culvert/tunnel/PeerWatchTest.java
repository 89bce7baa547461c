package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.spec.KeepaliveSpec;
import io.culvert.tunnel.PeerHealth.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerWatchTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START = -3 * SECOND;

    private final PeerWatch watch = new PeerWatch(new KeepaliveSpec(10_000, 3, false), START);
    private long nowNanos = START;

    /** Begins a period; returns the number of its keepalive. */
    private int period() {
        watch.beginPeriod(nowNanos);
        return watch.nextNumber(nowNanos);
    }

    private boolean passPeriod() {
        nowNanos += 10 * SECOND;
        boolean isGone = watch.beginPeriod(nowNanos);
        watch.nextNumber(nowNanos);
        return isGone;
    }

    @Test
    void nothingIsKnownBeforeTheFirstAnswer() {
        period();
        assertThat(watch.health(nowNanos + SECOND))
                .isEqualTo(new PeerHealth(State.UNKNOWN, SECOND, 1, 0, 0, -1, -1, -1, -1));
        assertThat(watch.isGone()).isFalse();
    }

    @Test
    void theFirstAnswerIsAChangeAndThoseAfterItAreNot() {
        assertThat(watch.answered(period(), nowNanos + 5)).isTrue();
        nowNanos += 10 * SECOND;
        assertThat(watch.answered(period(), nowNanos + 3)).isFalse();
        nowNanos += 10 * SECOND;
        assertThat(watch.answered(period(), nowNanos + 4)).isFalse();
        assertThat(watch.health(nowNanos + 10))
                .isEqualTo(new PeerHealth(State.ANSWERING, 20 * SECOND + 5, 3, 3, 0, 6, 4, 3, 5));
    }

    @Test
    void asManyMissesInARowAsThereAreRetriesMeanThatThePeerIsGone() {
        watch.answered(period(), nowNanos);
        assertThat(passPeriod()).isFalse();
        assertThat(passPeriod()).isFalse();
        assertThat(passPeriod()).isFalse();
        assertThat(watch.isGone()).isFalse();
        assertThat(passPeriod()).isTrue();
        assertThat(watch.isGone()).isTrue();
        assertThat(passPeriod()).as("again").isFalse();
        assertThat(watch.health(nowNanos).state()).isEqualTo(State.GONE);
        assertThat(watch.health(nowNanos).stateNanos()).isEqualTo(10 * SECOND);
        assertThat(watch.health(nowNanos).asked()).isEqualTo(6);
        assertThat(watch.health(nowNanos).lost()).isEqualTo(4);
    }

    @Test
    void aPeerThatNeverAnsweredIsGoneAsSoon() {
        period();
        assertThat(passPeriod()).isFalse();
        assertThat(passPeriod()).isFalse();
        assertThat(passPeriod()).isTrue();
    }

    @Test
    void oneAnswerBringsItBackAndMissesCountAnew() {
        period();
        for (int i = 0; i < 7; i++) {
            passPeriod();
        }
        assertThat(watch.answered(8, nowNanos + 9)).isTrue();
        assertThat(watch.isGone()).isFalse();
        assertThat(passPeriod()).isFalse();
        assertThat(passPeriod()).isFalse();
        assertThat(passPeriod()).isFalse();
        assertThat(passPeriod()).isTrue();
    }

    @Test
    void missesThatAreNotInARowDoNotAddUp() {
        int number = period();
        for (int i = 0; i < 20; i++) {
            passPeriod();
            passPeriod();
            number += 2;
            assertThat(watch.answered(number, nowNanos)).isEqualTo(i == 0);
        }
        assertThat(watch.isGone()).isFalse();
        assertThat(watch.health(nowNanos).lost()).isEqualTo(21);
    }

    @Test
    void anAnswerLaterThanAPeriodCountsAndTellsItsRoundTrip() {
        int first = period();
        passPeriod();
        passPeriod();
        assertThat(watch.answered(first, nowNanos)).isTrue();
        assertThat(watch.health(nowNanos).lastNanos()).isEqualTo(20 * SECOND);
        assertThat(watch.health(nowNanos).lost()).isEqualTo(1);
        assertThat(passPeriod()).isFalse();
        assertThat(passPeriod()).isFalse();
        assertThat(passPeriod()).isFalse();
        assertThat(passPeriod()).isTrue();
    }

    @Test
    void aRepeatedAnswerIsNone() {
        int first = period();
        assertThat(watch.answered(first, nowNanos)).isTrue();
        for (int i = 0; i < 3; i++) {
            passPeriod();
            watch.answered(first, nowNanos);
        }
        assertThat(passPeriod()).isTrue();
        assertThat(watch.health(nowNanos).answered()).isEqualTo(1);
    }

    @Test
    void anAnswerWithAnotherNumberStandsForTheLastAndTellsNoRoundTrip() {
        period();
        passPeriod();
        assertThat(watch.answered(0xabcd, nowNanos)).isTrue();
        assertThat(watch.answered(0, nowNanos)).isFalse();
        assertThat(watch.health(nowNanos))
                .isEqualTo(new PeerHealth(State.ANSWERING, 0, 2, 1, 1, 0, -1, -1, -1));
    }

    @Test
    void numbersGoRoundWithoutZero() {
        int number = 0;
        for (int i = 1; i <= 70_000; i++) {
            number = period();
            assertThat(number).isEqualTo((i - 1) % 65_535 + 1);
            if (i % 3 != 0) {
                watch.answered(number, nowNanos + 1);
            }
        }
        assertThat(watch.health(nowNanos).answered()).isEqualTo(70_000 - 70_000 / 3);
        assertThat(watch.health(nowNanos).lost()).isEqualTo(70_000 / 3);
    }

    @Test
    void whileItIsPausedNothingIsMissedAndNothingAnswered() {
        int first = period();
        passPeriod();
        passPeriod();
        watch.pause();
        assertThat(watch.answered(first, nowNanos)).isFalse();
        watch.pause();
        assertThat(watch.health(nowNanos).lost()).isEqualTo(3);
        assertThat(passPeriod()).isFalse();
        assertThat(passPeriod()).isFalse();
        assertThat(passPeriod()).isFalse();
        assertThat(passPeriod()).isTrue();
    }

    @Test
    void anAnswerBeforeAnyQuestionIsNone() {
        assertThat(watch.answered(1, nowNanos)).isFalse();
        watch.beginPeriod(nowNanos);
        assertThat(watch.answered(0, nowNanos)).isFalse();
        assertThat(watch.answered(9, nowNanos)).isFalse();
        assertThat(watch.health(nowNanos).answered()).isZero();
        assertThat(watch.health(nowNanos).lost()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"10000, 3, 10:3", "500, 1, 0.5:1", "1500, 255, 1.5:255", "32767000, 3, 32767:3"})
    void theWordsOfASpec(int periodMillis, int retries, String words) {
        KeepaliveSpec spec = new KeepaliveSpec(periodMillis, retries, true);
        assertThat(spec).hasToString(words);
        assertThat(spec.periodNanos()).isEqualTo(periodMillis * 1_000_000L);
    }

    @ParameterizedTest
    @CsvSource({"99, 3, 0.099", "32767001, 3, 32767", "1000, 0, retries 0", "1000, 256, 1 to 255"})
    void whatIsOutOfRangeIsRefused(int periodMillis, int retries, String words) {
        assertThatThrownBy(() -> new KeepaliveSpec(periodMillis, retries, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
    }
}

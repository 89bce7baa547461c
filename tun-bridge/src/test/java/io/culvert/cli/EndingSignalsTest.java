package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.cli.EndingSignals.Meaning;
import org.junit.jupiter.api.Test;

final class EndingSignalsTest {
    private static final long BEGIN = -1_000; // the clock may pass zero meanwhile

    private final EndingSignals signals = new EndingSignals();

    @Test
    void whatFollowsTheFirstSignalAtOnceIsTheSameWish() {
        assertThat(signals.next(BEGIN)).isEqualTo(Meaning.END);
        assertThat(signals.next(BEGIN)).isEqualTo(Meaning.SAID_ALREADY);
        assertThat(signals.next(BEGIN + 499_999_999)).isEqualTo(Meaning.SAID_ALREADY);
    }

    @Test
    void aLaterOneIsImpatience() {
        assertThat(signals.next(BEGIN)).isEqualTo(Meaning.END);
        assertThat(signals.next(BEGIN + 500_000_000)).isEqualTo(Meaning.END_AT_ONCE);
    }
}

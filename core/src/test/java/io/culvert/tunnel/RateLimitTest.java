package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitTest {
    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @ValueSource(longs = {0, -5 * SECOND, Long.MAX_VALUE - SECOND, Long.MIN_VALUE})
    void aSecondsWorthPassesAtOnceAndThenAsMuchASecond(long startNanos) {
        RateLimit limit = new RateLimit(10);
        for (int i = 0; i < 10; i++) {
            assertThat(limit.allows(startNanos)).isTrue();
        }
        assertThat(limit.allows(startNanos)).isFalse();
        assertThat(limit.allows(startNanos + SECOND / 10 - 1)).isFalse();
        assertThat(limit.allows(startNanos + SECOND / 10)).isTrue();
        int passed = 0;
        for (int milli = 100; milli < 10_100; milli++) {
            passed += limit.allows(startNanos + milli * 1_000_000L) ? 1 : 0;
        }
        assertThat(passed).isEqualTo(99);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 32})
    void afterALongSilenceThereIsNoMoreThanASecondsWorth(int perSecond) {
        RateLimit limit = new RateLimit(perSecond);
        assertThat(limit.allows(0)).isTrue();
        int passed = 0;
        for (int i = 0; i < 100; i++) {
            passed += limit.allows(3600 * SECOND) ? 1 : 0;
        }
        assertThat(passed).isEqualTo(perSecond);
    }
}

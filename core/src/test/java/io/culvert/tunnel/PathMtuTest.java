package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathMtuTest {
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final PathMtu path = new PathMtu(1500);

    @Test
    void untilSomethingIsLearntItIsWhatTheHostKnows() {
        assertThat(path.outerMtu(0)).isEqualTo(1500);
        path.known(1400);
        assertThat(path.outerMtu(0)).isEqualTo(1400);
        assertThat(path.observedMtu(0)).isEqualTo(1400);
    }

    /** {@link System#nanoTime} may start anywhere, below 0 as well. */
    @ParameterizedTest
    @ValueSource(longs = {0, 123_456_789, Long.MAX_VALUE - 5, Long.MIN_VALUE, -7})
    void whatIsLearntIsBelievedForTenMinutes(long start) {
        assertThat(path.learn(1300, start)).isTrue();
        assertThat(path.outerMtu(start)).isEqualTo(1300);
        assertThat(path.observedMtu(start)).isEqualTo(1300);
        assertThat(path.observedMtu(start + 10 * MINUTE)).isEqualTo(1500);
        assertThat(path.outerMtu(start + 10 * MINUTE - 1)).isEqualTo(1300);
        assertThat(path.outerMtu(start + 10 * MINUTE)).isEqualTo(1500);
        assertThat(path.outerMtu(start + 11 * MINUTE)).isEqualTo(1500);
    }

    @Test
    void onlyASmallerMtuIsNews() {
        assertThat(path.learn(1500, 0)).isFalse();
        assertThat(path.learn(9000, 0)).isFalse();
        assertThat(path.learn(1300, 0)).isTrue();
        assertThat(path.learn(1300, MINUTE)).isFalse();
        assertThat(path.learn(1400, MINUTE)).isFalse();
        assertThat(path.learn(1200, MINUTE)).isTrue();
        assertThat(path.outerMtu(10 * MINUTE)).isEqualTo(1200);
        assertThat(path.outerMtu(11 * MINUTE)).isEqualTo(1500);
    }

    @Test
    void aLargerMtuIsNewsOnceTheOldOneIsForgotten() {
        path.learn(1300, 0);
        assertThat(path.learn(1400, 10 * MINUTE)).isTrue();
        assertThat(path.outerMtu(10 * MINUTE)).isEqualTo(1400);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 68, 551, 552})
    void lessThan552IsNotBelieved(int mtu) {
        assertThat(path.learn(mtu, 0)).isTrue();
        assertThat(path.outerMtu(0)).isEqualTo(552);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void anMtuThatIsNoneIsIgnored(int mtu) {
        assertThat(path.learn(mtu, 0)).isFalse();
        assertThat(path.outerMtu(0)).isEqualTo(1500);
    }

    @Test
    void anUnderlayBelow552IsWhatItIs() {
        path.known(500);
        assertThat(path.learn(400, 0)).isFalse();
        assertThat(path.outerMtu(0)).isEqualTo(500);
    }

    @Test
    void whatTheHostKnowsLaterCountsInsteadOfWhatWasLearnt() {
        path.learn(1300, 0);
        path.known(1300);
        assertThat(path.outerMtu(10 * MINUTE)).isEqualTo(1300);
        path.known(9000);
        assertThat(path.outerMtu(0)).isEqualTo(9000);
        assertThat(path.observedMtu(0)).isEqualTo(9000);
        assertThat(path.learn(1400, 0)).isTrue();
        assertThat(path.outerMtu(0)).isEqualTo(1400);
    }

    @Test
    void noPathCarriesMoreThanAnIpPacketCanSayOfItself() {
        path.known(65_536);
        assertThat(path.outerMtu(0)).isEqualTo(65_535);
        assertThat(path.learn(65_535, 0)).isFalse();
    }
}

package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathMtuTest {
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final PathMtu path = new PathMtu(1500);

    @Test
    void untilSomethingIsLearntItIsWhatTheHostKnows() {
        assertThat(path.outerMtu(0)).isEqualTo(1500);
        path.known(1400, true);
        assertThat(path.outerMtu(0)).isEqualTo(1400);
        assertThat(path.observedMtu(0)).isEqualTo(1400);
    }

    /** {@link System#nanoTime} may start anywhere, below 0 as well. */
    @ParameterizedTest
    @ValueSource(longs = {0, 123_456_789, Long.MAX_VALUE - 5, Long.MIN_VALUE, -7})
    void whatIsLearntIsBelievedForTenMinutes(long start) {
        assertThat(path.learn(1300, true, start)).isTrue();
        assertThat(path.outerMtu(start)).isEqualTo(1300);
        assertThat(path.observedMtu(start)).isEqualTo(1300);
        assertThat(path.observedMtu(start + 10 * MINUTE)).isEqualTo(1500);
        assertThat(path.outerMtu(start + 10 * MINUTE - 1)).isEqualTo(1300);
        assertThat(path.outerMtu(start + 10 * MINUTE)).isEqualTo(1500);
        assertThat(path.outerMtu(start + 11 * MINUTE)).isEqualTo(1500);
    }

    @Test
    void onlyASmallerMtuIsNews() {
        assertThat(path.learn(1500, true, 0)).isFalse();
        assertThat(path.learn(9000, true, 0)).isFalse();
        assertThat(path.learn(1300, true, 0)).isTrue();
        assertThat(path.learn(1300, true, MINUTE)).isFalse();
        assertThat(path.learn(1400, true, MINUTE)).isFalse();
        assertThat(path.learn(1200, true, MINUTE)).isTrue();
        assertThat(path.outerMtu(10 * MINUTE)).isEqualTo(1200);
        assertThat(path.outerMtu(11 * MINUTE)).isEqualTo(1500);
    }

    @Test
    void aLargerMtuIsNewsOnceTheOldOneIsForgotten() {
        path.learn(1300, true, 0);
        assertThat(path.learn(1400, true, 10 * MINUTE)).isTrue();
        assertThat(path.outerMtu(10 * MINUTE)).isEqualTo(1400);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 68, 551, 552})
    void lessThan552IsNotBelieved(int mtu) {
        assertThat(path.learn(mtu, true, 0)).isTrue();
        assertThat(path.outerMtu(0)).isEqualTo(552);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void anMtuThatIsNoneIsIgnored(int mtu) {
        assertThat(path.learn(mtu, true, 0)).isFalse();
        assertThat(path.outerMtu(0)).isEqualTo(1500);
    }

    @Test
    void anUnderlayBelow552IsWhatItIs() {
        path.known(500, true);
        assertThat(path.learn(400, true, 0)).isFalse();
        assertThat(path.outerMtu(0)).isEqualTo(500);
    }

    @Test
    void whatTheHostKnowsLaterCountsInsteadOfWhatWasLearnt() {
        path.learn(1300, true, 0);
        path.known(1300, true);
        assertThat(path.outerMtu(10 * MINUTE)).isEqualTo(1300);
        path.known(9000, true);
        assertThat(path.outerMtu(0)).isEqualTo(9000);
        assertThat(path.observedMtu(0)).isEqualTo(9000);
        assertThat(path.learn(1400, true, 0)).isTrue();
        assertThat(path.outerMtu(0)).isEqualTo(1400);
    }

    @Test
    void noPathCarriesMoreThanAnIpPacketCanSayOfItself() {
        path.known(65_536, true);
        assertThat(path.outerMtu(0)).isEqualTo(65_535);
        assertThat(path.learn(65_535, true, 0)).isFalse();
    }

    /** The kernel notes an error for the way that it would choose itself, not for that of a dev. */
    @Test
    void whatARouterToldCountsOnWhereTheHostDoesNotRememberIt() {
        path.learn(1300, true, 0);
        path.known(1500, false);
        assertThat(path.outerMtu(0)).isEqualTo(1300);
        assertThat(path.observedLifetimeNanos(MINUTE)).isEqualTo(9 * MINUTE);
        path.lifetimeNanos(2 * MINUTE);
        assertThat(path.outerMtu(2 * MINUTE - 1)).isEqualTo(1300);
        assertThat(path.outerMtu(2 * MINUTE)).isEqualTo(1500);
        assertThat(path.observedLifetimeNanos(2 * MINUTE)).isZero();
    }

    @Test
    void whatTheHostItselfToldIsForgottenWhenItSaysSomethingElse() {
        path.learn(1300, false, 0);
        assertThat(path.outerMtu(0)).isEqualTo(1300);
        path.known(1500, false);
        assertThat(path.outerMtu(0)).isEqualTo(1500);
    }

    @Test
    void onceTheHostHasALesserMtuItIsTheHostsToForget() {
        path.learn(1300, true, 0);
        path.known(1300, false);
        path.known(1500, false);
        assertThat(path.outerMtu(0)).isEqualTo(1500);
    }

    @Test
    void theHostIsAskedBeforeAPacketIsTooLargeButNotForEachOne() {
        AtomicInteger questions = new AtomicInteger();
        AtomicInteger answer = new AtomicInteger(1300);
        path.known(1300, true);
        path.host(
                () -> {
                    questions.incrementAndGet();
                    return answer.get();
                });
        assertThat(path.askedMtu(0)).isEqualTo(1300);
        answer.set(1500);
        assertThat(path.askedMtu(1)).isEqualTo(1300);
        assertThat(path.askedMtu(TimeUnit.MILLISECONDS.toNanos(1))).isEqualTo(1500);
        answer.set(0); // it does not know
        assertThat(path.askedMtu(MINUTE)).isEqualTo(1500);
        assertThat(questions).hasValue(3);
    }

    @Test
    void theHostIsAskedAfterARefusalWheneverThatWasNotToBeExpected() {
        AtomicInteger questions = new AtomicInteger();
        path.host(() -> questions.incrementAndGet() == 1 ? 1300 : 1200);
        assertThat(path.mtuAfterRefusal(1500, 0)).isEqualTo(1300);
        assertThat(path.mtuAfterRefusal(1400, 1)).isEqualTo(1300);
        assertThat(path.mtuAfterRefusal(1300, 2)).isEqualTo(1200);
        assertThat(questions).hasValue(2);
    }
}

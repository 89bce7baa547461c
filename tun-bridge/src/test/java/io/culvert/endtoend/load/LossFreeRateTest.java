package io.culvert.endtoend.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.culvert.endtoend.load.LossFreeRate.Count;
import io.culvert.endtoend.load.LossFreeRate.Result;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossFreeRateTest {
    private static final double SENDER_LIMIT = 600_000;

    /** A tunnel that carries so many packets a second and drops the rest. */
    private static Count through(double capacity, double offered) {
        long sent = (long) Math.min(offered, SENDER_LIMIT);
        return new Count(sent, (long) Math.min(sent, capacity), 1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {9_000, 52_000, 158_000, 244_000, 590_000})
    void theRateThatATunnelCarriesIsFound(double capacity) throws InterruptedException {
        Result result = LossFreeRate.search(rate -> through(capacity, rate), 12);

        assertThat(result.perSecond()).isCloseTo(capacity, within(capacity * 0.02));
        assertThat(result.perSecond()).isLessThanOrEqualTo(capacity);
        assertThat(result.loss()).isBetween(0.0, LossFreeRate.TOLERATED_LOSS);
        assertThat(result.mostPerSecond()).isCloseTo(capacity, within(1.0));
    }

    @Test
    void aTunnelThatIsFasterThanTheSenderNeedsOneTrial() throws InterruptedException {
        List<Double> rates = new ArrayList<>();

        Result result =
                LossFreeRate.search(
                        rate -> {
                            rates.add(rate);
                            return through(1e9, rate);
                        },
                        8);

        assertThat(rates).hasSize(1);
        assertThat(result.perSecond()).isEqualTo(SENDER_LIMIT);
    }

    @Test
    void aTunnelThatAlwaysLosesHasNoRateWithoutLoss() throws InterruptedException {
        Result result =
                LossFreeRate.search(
                        rate -> {
                            long sent = (long) Math.min(rate, SENDER_LIMIT);
                            return new Count(sent, sent * 9 / 10, 1);
                        },
                        8);

        assertThat(result.perSecond()).isZero();
        assertThat(result.mostPerSecond()).isEqualTo(SENDER_LIMIT * 0.9);
    }

    @Test
    void aTunnelThatCollapsesUnderOverloadIsMeasuredBelowIt() throws InterruptedException {
        Result result =
                LossFreeRate.search(
                        rate ->
                                rate > 100_000
                                        ? new Count((long) rate, 60_000, 1)
                                        : through(100_000, rate),
                        12);

        assertThat(result.perSecond()).isCloseTo(100_000, within(3_000.0));
    }
}

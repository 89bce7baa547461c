package io.culvert.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.observe.Counters.Count;
import io.culvert.packet.DropReason;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CountersTest {
    private final Counters counters = new Counters();

    @Test
    void everythingStartsAtZero() {
        for (Count count : Count.values()) {
            assertThat(counters.get(count)).isZero();
        }
        for (DropReason reason : DropReason.values()) {
            assertThat(counters.get(reason)).isZero();
        }
        assertThat(counters.drops()).isEmpty();
    }

    @Test
    void eachCountAndEachReasonIsItsOwn() {
        long amount = 1;
        for (Count count : Count.values()) {
            counters.add(count, amount++);
        }
        for (DropReason reason : DropReason.values()) {
            counters.drop(reason);
            counters.drop(reason);
        }
        long expected = 1;
        for (Count count : Count.values()) {
            assertThat(counters.get(count)).isEqualTo(expected++);
        }
        assertThat(counters.drops()).containsOnlyKeys(DropReason.values());
        assertThat(counters.drops().values()).containsOnly(2L);
    }

    @Test
    void onlyReasonsThatOccurredAreListed() {
        counters.drop(DropReason.NO_TUNNEL);
        counters.add(Count.RECEIVED, 1);
        assertThat(counters.drops()).isEqualTo(Map.of(DropReason.NO_TUNNEL, 1L));
    }

    @Test
    void whatOneThreadCountedAnotherReads() throws InterruptedException {
        Thread lane = new Thread(() -> counters.add(Count.READ, 7));
        lane.start();
        lane.join();
        assertThat(counters.get(Count.READ)).isEqualTo(7);
    }
}

package io.culvert.doctor.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SequenceTallyTest {
    @Test
    void inOrderNothingIsWrong() {
        assertThat(SequenceTally.of(List.of(5L, 6L, 7L))).isEqualTo(new SequenceTally(0, 0, 0));
        assertThat(SequenceTally.of(List.of())).isEqualTo(new SequenceTally(0, 0, 0));
    }

    @Test
    void eachKindIsCountedByItself() {
        assertThat(SequenceTally.of(List.of(1L, 2L, 5L))).isEqualTo(new SequenceTally(2, 0, 0));
        assertThat(SequenceTally.of(List.of(1L, 2L, 2L, 3L))).isEqualTo(new SequenceTally(0, 1, 0));
        assertThat(SequenceTally.of(List.of(1L, 3L, 2L, 4L))).isEqualTo(new SequenceTally(0, 0, 1));
    }

    @Test
    void aLateOneIsNotMissing() {
        assertThat(SequenceTally.of(List.of(2L, 3L, 1L))).isEqualTo(new SequenceTally(0, 0, 1));
    }
}

package io.culvert.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaneOptionsTest {
    @ParameterizedTest
    @CsvSource({
        "1, 4096, 1",
        "2, 4096, 1",
        "3, 4096, 1",
        "4, 4096, 2",
        "6, 4096, 3",
        "8, 4096, 4",
        "128, 65536, 4",
        "8, 384, 3", // each lane has memory of its own
        "8, 256, 2",
        "8, 64, 1",
    })
    void automaticLanesLeaveProcessorsAndMemoryToOthers(
            int processors, long memoryMebibytes, int lanes) {
        assertThat(LaneOptions.automaticLanes(processors, memoryMebibytes << 20)).isEqualTo(lanes);
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        assertThatThrownBy(() -> new LaneOptions(0, 0)).hasMessage("lanes 0 is not 1 to 64");
        assertThatThrownBy(() -> new LaneOptions(65, 0)).hasMessage("lanes 65 is not 1 to 64");
        assertThatThrownBy(() -> new LaneOptions(1, -1))
                .hasMessage("spin -1 is not 0 to 1000000 microseconds");
        assertThat(new LaneOptions(64, 1_000_000).lanes()).isEqualTo(64);
        assertThat(LaneOptions.DEFAULTS.lanes()).isEqualTo(1);
    }
}

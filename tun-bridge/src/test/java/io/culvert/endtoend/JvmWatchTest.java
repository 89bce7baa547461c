package io.culvert.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JvmWatchTest {
    @Test
    void pausesAreReadAndOtherLinesAreNot() {
        // written by OpenJDK 17 with -Xlog:gc
        String log =
                """
                [0.012s][info][gc] Using Serial
                [0.358s][info][gc] GC(0) Pause Young (Allocation Failure) 8M->1M(31M) 2.345ms
                [0.701s][info][gc] GC(1) Pause Full (System.gc()) 3M->1M(31M) 11.002ms
                [0.802s][info][gc] GC(2) Concurrent Mark Cycle 4.500ms
                """;

        assertThat(JvmWatch.pauses(log)).containsExactly(2.345, 11.002);
        assertThat(JvmWatch.pauses("")).isEmpty();
    }
}

package io.culvert.endtoend.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessCostTest {
    @Test
    void aCommandWithBlanksAndBracketsInItsNameDoesNotShiftTheFields() {
        String stat = "4711 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 7 8 20 0 1 0 99";

        assertThat(ProcessCost.cpuSeconds(stat)).isEqualTo(3.0);
    }

    @Test
    void aProgramThatHasEndedCostsNothingMore() {
        assertThat(ProcessCost.cpuSeconds("")).isZero();
        assertThat(ProcessCost.peakMemoryBytes("")).isZero();
        assertThat(ProcessCost.of(List.of())).isEqualTo(new ProcessCost(0, 0));
    }

    @Test
    void thePeakIsReadAndTheMomentIsNot() {
        String status = "Name:\tjava\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n";

        assertThat(ProcessCost.peakMemoryBytes(status)).isEqualTo(2L << 20);
    }

    @Test
    void theMachineHasBeenBusy() {
        assertThat(ProcessCost.machineCpuSeconds()).isPositive();
    }
}

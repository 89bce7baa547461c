package io.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class AbiProbeTest {
    @Test
    void structsAreLaidOutAsExpectedHere() {
        assertThatCode(AbiProbe::check).doesNotThrowAnyException();
        assertThatCode(AbiProbe::check).doesNotThrowAnyException();
    }

    @Test
    void controlMessagesArePaddedToEightBytes() {
        assertThat(Abi.controlLength(Abi.IN_PKTINFO_BYTES)).isEqualTo(28);
        assertThat(Abi.controlSpace(Abi.IN_PKTINFO_BYTES)).isEqualTo(32);
        assertThat(Abi.controlSpace(8)).isEqualTo(24);
    }
}

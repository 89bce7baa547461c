package io.culvert.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DropReasonTest {
    @ParameterizedTest
    @EnumSource
    void aReasonIsOneLowerCaseLineForPeopleAndOneWordForMachines(DropReason reason) {
        assertThat(reason.description()).isNotBlank().doesNotEndWith(".").doesNotContain("\n");
        assertThat(reason.description().length()).isLessThan(80);
        assertThat(reason.label()).matches("[a-z]+(-[a-z0-9]+)*");
        assertThat(reason.direction()).isNotNull();
    }

    @Test
    void noTwoReasonsSayTheSame() {
        assertThat(Arrays.stream(DropReason.values()).map(DropReason::description))
                .doesNotHaveDuplicates();
        assertThat(DropReason.ECN_CE_ON_NOT_ECT.label()).isEqualTo("ecn-ce-on-not-ect");
    }
}

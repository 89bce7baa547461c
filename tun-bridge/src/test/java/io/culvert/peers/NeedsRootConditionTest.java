package io.culvert.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;

class NeedsRootConditionTest {
    @Test
    void aMissingProgramIsNamedWithItsPackage() {
        assertThat(NeedsRootCondition.missing("sh", "no-such-program"))
                .contains("the program no-such-program (apt-get install no-such-program)")
                .noneMatch(missing -> missing.contains("program sh "));
    }

    @Test
    void aTestThatLacksSomethingIsSkippedWithTheReason() {
        ConditionEvaluationResult result =
                NeedsRootCondition.decide(List.of("root", "/dev/net/tun"), false);
        assertThat(result.isDisabled()).isTrue();
        assertThat(result.getReason()).contains("needs root; /dev/net/tun");
    }

    @Test
    void aTestThatLacksSomethingFailsWhereItMustRun() {
        assertThatThrownBy(() -> NeedsRootCondition.decide(List.of("root"), true))
                .hasMessageContainingAll("needs root", "CI=true");
    }

    @Test
    void aTestThatLacksNothingRuns() {
        assertThat(NeedsRootCondition.decide(List.of(), true).isDisabled()).isFalse();
        assertThat(NeedsRootCondition.decide(List.of(), false).isDisabled()).isFalse();
    }
}

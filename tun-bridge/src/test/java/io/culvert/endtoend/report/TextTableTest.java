package io.culvert.endtoend.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void namesStandToTheLeftAndNumbersToTheRight() {
        String table =
                new TextTable()
                        .row(List.of("name", "Gb/s", "x"))
                        .row(List.of("a", "12.50", "1.00"))
                        .row(List.of("longer", "1.25", ""))
                        .toString();

        assertThat(table)
                .isEqualTo(
                        """
                        name     Gb/s     x
                        a       12.50  1.00
                        longer   1.25
                        """);
    }
}

package io.culvert.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void aReportIsWrittenInOrderAndIndented() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("b", List.of(1.5, 2.0));
        map.put("a", List.of("x", Map.of()));
        map.put("none", null);
        map.put("yes", true);
        map.put("empty", List.of());

        assertThat(Json.write(map))
                .isEqualTo(
                        """
                        {
                          "b": [1.5, 2],
                          "a": [
                            "x",
                            {}
                          ],
                          "none": null,
                          "yes": true,
                          "empty": []
                        }
                        """);
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("text", "\"quoted\" \\ \n \t \u0001 \u00b5 \ud83d\ude00 </script>");
        map.put("numbers", List.of(new BigDecimal("0"), new BigDecimal("-17.25")));
        map.put("nested", List.of(Map.of("k", new ArrayList<>(Arrays.asList(null, true)))));

        assertThat(Json.read(Json.write(map))).isEqualTo(map);
    }

    @Test
    void aNumberThatJsonCannotSayIsNull() {
        assertThat(Json.write(Double.NaN)).isEqualTo("null\n");
        assertThat(Json.write(Double.POSITIVE_INFINITY)).isEqualTo("null\n");
    }

    @Test
    void numbersInEveryNotationAreRead() {
        assertThat(Json.read(" [2.66e9, -1, 0.5E-3] "))
                .isEqualTo(
                        List.of(
                                new BigDecimal("2.66e9"),
                                new BigDecimal("-1"),
                                new BigDecimal("0.5E-3")));
    }

    @Test
    void escapesAreRead() {
        assertThat(Json.read("\"\\u00b5\\/\\r\\b\\f\"")).isEqualTo("\u00b5/\r\b\f");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[1,",
                "[1 2]",
                "{\"a\" 1}",
                "\"open",
                "tru",
                "1 2",
                "-",
                "\"\\u00"
            })
    void whatIsNotJsonIsRefusedWithWhere(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Json.read(text))
                .withMessageStartingWith("not JSON at character ");
    }

    @Test
    void membersOfOneNameAreOursNeverAndForeignTheLast() {
        String text = "{\"sock_bufsize\": 1, \"sock_bufsize\": 2}";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Json.read(text))
                .withMessageContaining("not there yet");
        assertThat(Json.readForeign(text)).hasToString("{sock_bufsize=2}");
        assertThatIllegalArgumentException().isThrownBy(() -> Json.readForeign(text + ","));
    }
}

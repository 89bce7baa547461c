package io.culvert.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is read, it is a value or an IllegalArgumentException, and soon. */
class JsonFuzzTest {
    private static final String SEED_TEXT =
            "{\"culvert\":1,\"verb\":\"stats\",\"a\":[1,-2.5e3,true,null,\"\\u00e4\\n\"],\"o\":{}}";
    private static final String ALPHABET =
            "{}[]\":,\\0123456789-+.eEtrufalsn \n\t\u0000\u00e4\ud83d";

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2784, 8259})
    void textThatIsAlmostJson(long seed) {
        Random random = new Random(seed);
        int values = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(SEED_TEXT);
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                int at = random.nextInt(text.length());
                char c = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, c);
                    case 1 -> text.insert(at, c);
                    default -> text.deleteCharAt(at);
                }
            }
            values += isRead(text.toString()) ? 1 : 0;
        }
        assertThat(values).isBetween(1, 19_999);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2784, 8259})
    void textOfNoSenseAtAll(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(40); length > 0; length--) {
                text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
            }
            isRead(text.toString());
        }
    }

    private static boolean isRead(String text) {
        try {
            Object value = Json.read(text);
            assertThat(Json.read(Json.line(value))).isEqualTo(value);
            assertThat(Json.read(Json.write(value))).isEqualTo(value);
            assertThat(Json.line(value)).doesNotContain("\n");
            return true;
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageStartingWith("not JSON at character ");
            return false;
        }
    }

    @Test
    void whatIsNestedDeeplyOverflowsNothing() {
        assertThat(Json.read("[".repeat(64) + "]".repeat(64))).isNotNull();
        for (String open : new String[] {"[", "{\"a\":"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Json.read(open.repeat(100_000)))
                    .withMessageContaining("at most 64 levels");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e401", "-1E-401", "1e99999999999", "1e2147483647"})
    void numbersThatWouldFillTheHeapAreRefused(String number) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Json.read(number))
                .withMessageStartingWith("not JSON at character 0: wanted a value");
        assertThat(Json.read("1e308")).isEqualTo(new BigDecimal("1e308"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01",
                "+1",
                "1.",
                ".5",
                "1e",
                "1e+",
                "-",
                "NaN",
                "[1,]",
                "[,1]",
                "{\"a\":1,}",
                "{\"a\":1,\"a\":2}",
                "{a:1}",
                "'a'",
                "\"\\q\"",
                "\"\\u00g0\"",
                "\"\u0009\"",
                "\"\n\"",
                "nul",
                "truefalse",
                "[1 2]",
                "//",
                "\ufeff1",
                "\u0661"
            })
    void whatOtherReadersTolerateIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Json.read(text));
    }
}

package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the words are, they are a tunnel or one clear line. */
final class TunnelWordsPropertyTest {
    private static final String[] GRE = {"tun0", "mode", "gre", "remote", "192.0.2.9"};
    private static final String[] IP6GRE = {"tun0", "mode", "ip6gre", "remote", "2001:db8::9"};
    private static final List<String> VALUES =
            List.of(
                    "tun0",
                    "gre",
                    "ipip",
                    "sit",
                    "gretap",
                    "ip6gre",
                    "ip6tnl",
                    "ipip6",
                    "any",
                    "ip6ip",
                    "inherit",
                    "inherit/10",
                    "192.0.2.1",
                    "192.0.2.2",
                    "192.0.2.0/24",
                    "2001:db8::1",
                    "2001:db8::/32",
                    "::",
                    "0",
                    "7",
                    "64",
                    "1400",
                    "10:3",
                    "0.5",
                    "0xffffffff",
                    "-1",
                    "default",
                    "external",
                    "remot",
                    "a=b",
                    "--",
                    "/",
                    "%n",
                    "",
                    "\u00e9",
                    "\ud83d");

    @ParameterizedTest
    @MethodSource("seeds")
    void randomWordsAreATunnelOrAComplaint(long seed) {
        Random random = new Random(seed);
        List<String> spellings = Word.allSpellings();
        for (int i = 0; i < 500; i++) {
            List<String> words = new ArrayList<>();
            if (random.nextBoolean()) {
                words.addAll(List.of(random.nextBoolean() ? GRE : IP6GRE));
            }
            int length = random.nextInt(8);
            for (int j = 0; j < length; j++) {
                List<String> source = random.nextBoolean() ? spellings : VALUES;
                words.add(source.get(random.nextInt(source.size())));
            }
            assertTunnelOrComplaint(words, seed);
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 20);
    }

    private static void assertTunnelOrComplaint(List<String> words, long seed) {
        try {
            TunnelConfig config = TunnelWords.parse(words);
            assertThat(config.spec().remote()).as("seed %d: %s", seed, words).isNotNull();
            assertThat(UpLine.of(config.spec(), "up", 1476, "", ""))
                    .startsWith(config.spec().name() + ": up, ");
            assertThat(TunnelWords.parse(ConfigWords.of(config)))
                    .as("seed %d: %s", seed, words)
                    .isEqualTo(config);
        } catch (WordsException complaint) {
            assertThat(complaint.getMessage())
                    .as("seed %d: %s", seed, words)
                    .isNotBlank()
                    .doesNotContain("\n", "null", "Exception");
        } catch (RuntimeException bug) {
            throw new AssertionError("seed " + seed + ": " + words, bug);
        }
    }
}

package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NearestWordTest {
    @ParameterizedTest
    @CsvSource({
        "remot, remote",
        "rmeote, remote",
        "remmote, remote",
        "rem, remote",
        "lcoal, local",
        "nopmtu, nopmtudisc",
        "pmtu-disc, pmtudisc",
        "ignoredf, ignore-df",
        "hop, hoplimit",
        "tl, ttl",
        "addr, address"
    })
    void aSlipOrAnAbbreviationFindsItsWord(String text, String word) {
        assertThat(NearestWord.to(text, Word.allSpellings())).contains(word);
    }

    @ParameterizedTest
    @CsvSource({"x", "wireguard", "tun0", "eth0", "multipoint", "12"})
    void whatIsFarFromEveryWordFindsNone(String text) {
        assertThat(NearestWord.to(text, Word.allSpellings())).isEmpty();
    }

    @Test
    void amongEquallyNearWordsTheFirstOfTheAlphabetIsNamed() {
        assertThat(NearestWord.to("xkey", List.of("okey", "ikey"))).contains("ikey");
    }
}

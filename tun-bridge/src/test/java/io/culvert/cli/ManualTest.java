package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.TunnelConfig;
import io.culvert.control.TunnelFile;
import io.culvert.control.TunnelWords;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ManualTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "culvert", "run", "stats", "doctor", "explain", "bench", "trace", "capture",
                "decap", "encap", "replay"
            })
    void aPageFitsATerminal(String page) {
        assertThat(Manual.text(page).lines())
                .allSatisfy(
                        line ->
                                assertThat(line)
                                        .hasSizeLessThanOrEqualTo(80)
                                        .matches("\\p{ASCII}*")
                                        .doesNotContain("\t")
                                        .doesNotEndWith(" "));
        assertThat(Manual.text(page)).contains("NAME\n", "SYNOPSIS\n", "EXAMPLES\n").endsWith("\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name",
                "mode",
                "type",
                "remote",
                "local",
                "dev",
                "ttl",
                "hoplimit",
                "hlim",
                "tos",
                "dsfield",
                "tclass",
                "key",
                "ikey",
                "okey",
                "nokey",
                "noikey",
                "nookey",
                "csum",
                "icsum",
                "ocsum",
                "nocsum",
                "noicsum",
                "noocsum",
                "seq",
                "iseq",
                "oseq",
                "noseq",
                "noiseq",
                "nooseq",
                "pmtudisc",
                "nopmtudisc",
                "ignore-df",
                "noignore-df",
                "mtu",
                "address",
                "peer",
                "route",
                "gre/ip",
                "ip/ip",
                "ipv6/ip",
                "ip6ip",
                "any",
                "inherit",
                "--file",
                "--lanes",
                "--spin",
                "--underlay",
                "--no-rehearsal",
                "--control",
                "CULVERT_RUNTIME_DIR",
                "--help",
                "SIGINT",
                "SIGTERM",
                "SIGHUP",
                "SIGUSR1",
                "kill -USR1",
                "CAP_NET_ADMIN",
                "CAP_NET_RAW",
                "/dev/net/tun",
                "security groups"
            })
    void thePageOfRunNamesIt(String word) {
        assertThat(Manual.text("run")).containsPattern("(?m)(^|[^-a-z])" + word + "($|[^-a-z])");
    }

    @Test
    void thePageOfRunNamesEveryExitStatus() {
        String statuses = section("EXIT STATUS");

        assertThat(List.of(0, 1, 64, 66, 69, 70, 77))
                .allSatisfy(
                        status ->
                                assertThat(statuses).containsPattern("(?m)^ +" + status + " {5}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"culvert", "run"})
    void everyExampleCanBeTypedAsItStands(String page) {
        List<String> examples =
                Pattern.compile("(?m)^ {9}culvert run (?!-)((?:.*\\\\\n)*.*)$")
                        .matcher(Manual.text(page))
                        .results()
                        .map(example -> example.group(1).replace("\\\n", " "))
                        .toList();

        assertThat(examples).isNotEmpty();
        assertThat(examples)
                .allSatisfy(
                        words ->
                                assertThat(TunnelWords.parse(Arrays.asList(words.split("\\s+"))))
                                        .isNotNull());
    }

    @Test
    void theExampleOfAFileIsAFile() throws IOException {
        MatchResult example =
                Pattern.compile("(?s)<<end\n(.*?)\n +end\n")
                        .matcher(Manual.text("run"))
                        .results()
                        .findFirst()
                        .orElseThrow();

        List<TunnelConfig> tunnels =
                TunnelFile.read("example", new BufferedReader(new StringReader(example.group(1))));

        assertThat(tunnels).extracting(t -> t.spec().name()).containsExactly("tun0", "tun1");
    }

    @Test
    void theStoryHasBothHostsAndTheirSecurityGroups() {
        assertThat(section("EXAMPLES"))
                .contains("172.16.156.195", "47.114.45.139", "172.31.249.7", "8.210.37.47")
                .contains("47 for gre, 4 for ipip, 41 for sit");
    }

    private static String section(String title) {
        String text = Manual.text("run");
        int start = text.indexOf("\n" + title + "\n") + 1;
        int end = text.indexOf("\n\n" + "SEE ALSO", start);
        return text.substring(start, end);
    }
}

package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "--only kernel-vxlna ~ unknown contender \"kernel-vxlna\": did you mean"
                        + " \"kernel-vxlan\"?",
                "--only direct --baseline socat-ipip ~ unknown contender \"socat-ipip\": see"
                        + " culvert bench --help",
                "--rounds 0 ~ \"--rounds\" takes 1 to 1000",
                "--duration 0.5 ~ \"--duration\" takes 1 to 600 seconds",
                "--rate 5 ~ \"--rate\" takes 10 to 100000 probes a second",
                "--rounds x ~ \"--rounds\" takes a number, not \"x\"",
                "--underlay raw,packets ~ \"--underlay\" takes raw or packet, not \"packets\"",
                "--offload of ~ \"--offload\" takes auto, on and off",
                "--lanes 1,65 ~ \"--lanes\" takes 1 to 64 or auto",
                "--spin 1,-1 ~ \"--spin\" takes 0 to 1000000 microseconds",
                "--rounds ~ \"--rounds\" needs a number after it",
                "--quik ~ unknown option \"--quik\": did you mean \"--quick\"?",
                "tun0 ~ bench takes options only, not \"tun0\" (see culvert bench --help)"
            })
    void aWrongWordIsNamedAndNothingIsMeasured(String words, String complaint) {
        assertThat(bench(words)).isEqualTo(ExitStatus.USAGE);

        assertThat(err).hasToString("culvert: " + complaint + "\n");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void theListNamesWhatCanBeCompared() {
        assertThat(bench("--list")).isEqualTo(ExitStatus.OK);

        assertThat(out.toString().lines().map(line -> line.split(" ")[0]))
                .startsWith("direct", "direct-per-packet", "culvert-gre")
                .contains("culvert-gre-underlay-packet")
                .contains("culvert-ipip", "culvert-sit", "kernel-vxlan", "kernel-gre", "socat-ipip")
                .contains("openvswitch-gre", "wireguard-go")
                .doesNotHaveDuplicates();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void variantsAreEveryModeWithEveryWord() {
        assertThat(bench("--list --offload auto,off --spin 0,20 --underlay raw"))
                .isEqualTo(ExitStatus.OK);

        assertThat(out.toString().lines().map(line -> line.split(" ")[0]))
                .filteredOn(name -> name.startsWith("culvert-gre"))
                .containsExactly(
                        "culvert-gre",
                        "culvert-gre-spin-20",
                        "culvert-gre-offload-off",
                        "culvert-gre-offload-off-spin-20");
    }

    @Test
    void theLoopNeedsNoRootAndWritesItsResults(@TempDir Path directory) {
        Path results = directory.resolve("new");

        int status = bench("--loop --quick --rounds 1 --duration 1 -o " + results);

        assertThat(status).isEqualTo(ExitStatus.OK);
        assertThat(out.toString()).contains("gre csum ", "sit ", " 1400 ", "B/packet");
        assertThat(results.resolve("loop.json")).isNotEmptyFile();
        assertThat(err.toString()).doesNotContain("culvert:");
    }

    @Test
    void resultsThatCannotBeWrittenAreAFailure(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");

        int status = bench("--loop --quick --rounds 1 --duration 1 -o " + file);

        assertThat(status).isEqualTo(ExitStatus.FAILED);
        assertThat(err.toString()).contains("culvert: cannot write to " + file);
    }

    private int bench(String words) {
        List<String> arguments = List.of(("bench " + words).split(" "));
        return Culvert.run(
                arguments,
                new PrintWriter(out),
                new PrintWriter(err),
                (configs, options) -> {
                    throw new AssertionError("bench opens no tunnel in this process");
                });
    }
}

package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.RunningTunnels;
import io.culvert.control.TunnelConfig;
import io.culvert.control.TunnelException;
import io.culvert.linux.LinuxException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CulvertTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<TunnelConfig> opened = new ArrayList<>();
    private FakeTunnels tunnels;

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "rn~ unknown command \"rn\": did you mean \"run\"?",
                "frob~ unknown command \"frob\": see culvert --help",
                "tunnel add tun0~ unknown command \"tunnel\": culvert run NAME mode gre remote ADDR"
                        + " makes a tunnel (see culvert --help)",
                "show~ unknown command \"show\": culvert stats shows the tunnels that run (see"
                        + " culvert --help)",
                "del tun0~ unknown command \"del\": a tunnel ends with the culvert run that made it"
                        + " (see culvert --help)",
                "--verison~ unknown option \"--verison\": did you mean \"--version\"?",
                "-x~ unknown option \"-x\": see culvert --help",
                "help rnu~ unknown command \"rnu\": did you mean \"run\"?",
                "help run extra~ help takes one command or none, not \"extra\" as well",
                "version now~ unknown command \"now\": see culvert --help",
                "run~ run needs a tunnel: culvert run NAME mode gre|ipip|sit remote ADDR (see"
                        + " culvert run --help)",
                "run -x~ unknown option \"-x\": see culvert run --help",
                "run --fil~ unknown option \"--fil\": did you mean \"--file\"?",
                "run --file~ \"--file\" needs a FILE after it",
                "run -f~ \"--file\" needs a FILE after it",
                "run -f a -f b~ \"--file\" is given twice",
                "run -f a tun0 mode gre~ with --file, tunnels are in the file: leave out \"tun0\"",
                "run --lanes 0 tun0 mode gre remote 192.0.2.2~ lanes 0 is not 1 to 64",
                "run --lanes 65 tun0 mode gre remote 192.0.2.2~ lanes 65 is not 1 to 64",
                "run --lanes two tun0 mode gre remote 192.0.2.2~ \"--lanes\" takes 1 to 64 or auto,"
                        + " not \"two\"",
                "run --lanes~ \"--lanes\" needs a number after it",
                "run --underlay tun0 mode gre remote 192.0.2.2~ \"--underlay\" takes raw or packet,"
                        + " not \"tun0\"",
                "run --underlay packet tun0 mode gre remote 192.0.2.2~ tun0: --underlay packet takes"
                        + " packets for addresses that it knows: add local ADDR",
                "run add gre1 mode gre~ unknown word \"add\": culvert run NAME mode gre remote ADDR"
                        + " makes a tunnel",
                "run tunnel add gre1~ unknown word \"tunnel\": culvert run NAME mode gre remote"
                        + " ADDR makes a tunnel",
                "run del gre1~ unknown word \"del\": a tunnel ends with the culvert run that made"
                        + " it",
                "run add mode greee~ unknown mode \"greee\": it is gre, ipip, sit, gretap, ip6gre, ip6gretap or ip6tnl",
                "run tun0 mode gre remot 192.0.2.2~ unknown word \"remot\": did you mean"
                        + " \"remote\"?",
                "run tun0 mode gre --remote 192.0.2.2~ unknown word \"--remote\": did you mean"
                        + " \"remote\"?",
                "run tun0 mode gre remote ${sys:user.home}~ remote: not an IPv4 address:"
                        + " \"${sys:user.home}\"; expected four numbers from 0 to 255 such as"
                        + " 192.0.2.1"
            })
    void aWrongCommandLineIsOneLineAndStatus64(String arguments, String complaint) {
        assertThat(culvert(arguments)).isEqualTo(64);

        assertThat(err).hasToString("culvert: " + complaint + System.lineSeparator());
        assertThat(out).hasToString("");
        assertThat(opened).isEmpty();
    }

    @Test
    void withoutACommandTheCommandsAreNamed() {
        assertThat(culvert("")).isEqualTo(64);

        assertThat(err.toString())
                .matches(
                        "culvert: a command is needed: run, (\\w+, )*help \\(see culvert --help\\)\n");
        assertThat(out).hasToString("");
    }

    @Test
    void aFileThatCannotBeReadIsStatus66(@TempDir Path directory) throws IOException {
        Path missing = directory.resolve("missing");
        assertThat(culvert("run --file " + missing)).isEqualTo(66);
        assertThat(err).hasToString("culvert: cannot read " + missing + ": no such file\n");

        Path latin = Files.write(directory.resolve("latin"), new byte[] {'#', (byte) 0xe9, '\n'});
        assertThat(culvert("run --file " + latin)).isEqualTo(66);
        assertThat(err.toString())
                .endsWith("culvert: cannot read " + latin + ": it is not UTF-8 text\n");

        assertThat(culvert("run --file " + directory)).isEqualTo(66);
        assertThat(out).hasToString("");
        assertThat(opened).isEmpty();
    }

    @Test
    void aFileWithAWrongLineIsStatus64(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("tunnels"), "# mine\ntun0 mode gre\n");

        assertThat(culvert("run --file " + file)).isEqualTo(64);

        assertThat(err)
                .hasToString(
                        "culvert: "
                                + file
                                + ":2: a tunnel needs the peer's address: \"remote ADDR\"\n");
        assertThat(opened).isEmpty();
    }

    @Test
    void aFileBringsUpEveryTunnelInIt(@TempDir Path directory) throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("tunnels"),
                        "tun0 mode gre remote 192.0.2.2\ntun1 mode ipip remote 192.0.2.3\n",
                        StandardCharsets.UTF_8);

        assertThat(culvertThatEndsAtOnce("run -f " + file)).isZero();

        assertThat(out.toString().lines())
                .startsWith(
                        "tun0: up, gre any -> 192.0.2.2, mtu 1476, ttl inherit, pmtudisc",
                        "tun1: up, ipip any -> 192.0.2.3, mtu 1476, ttl inherit, pmtudisc")
                .contains("tun0 in 1 packets 0 bytes", "tun1 in 1 packets 0 bytes");
        assertThat(err).hasToString("");
    }

    @Test
    void aTunnelComesUpAndEndsWithASummary() {
        assertThat(culvertThatEndsAtOnce("run tun0 mode gre remote 192.0.2.2 ttl 64")).isZero();

        assertThat(out)
                .hasToString(
                        """
                        tun0: up, gre any -> 192.0.2.2, mtu 1476, ttl 64, pmtudisc
                        tun0 up 1.000 seconds
                        tun0 in 1 packets 0 bytes
                        tun0 out 0 packets 0 bytes
                        lane/0 in 0 packets
                        """);
        assertThat(err).hasToString("");
        assertThat(tunnels.isClosed()).isTrue();
    }

    @Test
    void aWordThatLooksLikeAFileOfArgumentsIsAName() {
        assertThat(culvertThatEndsAtOnce("run @odd mode gre remote 192.0.2.2")).isZero();

        assertThat(opened).extracting(config -> config.spec().name()).containsExactly("@odd");
    }

    @ParameterizedTest
    @EnumSource(TunnelException.Kind.class)
    void aTunnelThatCannotStartSaysWhyAndSetsTheStatus(TunnelException.Kind kind) {
        int status =
                culvert(
                        "run tun0 mode gre remote 192.0.2.2",
                        (configs, options) -> {
                            throw new TunnelException(
                                    kind, "cannot open /dev/net/tun: no such file");
                        });

        int expected =
                switch (kind) {
                    case UNAVAILABLE -> 69;
                    case NO_PERMISSION -> 77;
                    case FAILED -> 1;
                };
        assertThat(status).isEqualTo(expected);
        assertThat(err).hasToString("culvert: cannot open /dev/net/tun: no such file\n");
        assertThat(out).hasToString("");
    }

    @ParameterizedTest
    @CsvSource({"1, 77", "13, 77", "2, 69", "6, 69", "19, 69", "93, 69", "16, 1", "22, 1"})
    void whatTheKernelRefusesSetsTheStatus(int errno, int expected) {
        int status =
                culvert(
                        "run tun0 mode gre remote 192.0.2.2",
                        (configs, options) -> {
                            throw new LinuxException("cannot open it", errno, "");
                        });

        assertThat(status).isEqualTo(expected);
        assertThat(err.toString())
                .startsWith("culvert: cannot open it: ")
                .contains("(" + errno + ")")
                .hasLineCount(1);
        assertThat(out).hasToString("");
    }

    @Test
    void aTunnelThatCannotGoOnStillPrintsItsSummary() {
        int status =
                culvert(
                        "run tun0 mode gre remote 192.0.2.2",
                        (configs, options) -> {
                            tunnels = new FakeTunnels(configs);
                            tunnels.fail(
                                    new TunnelException(
                                            TunnelException.Kind.FAILED, "tun0 was\ndeleted"));
                            return tunnels;
                        });

        assertThat(status).isEqualTo(1);
        assertThat(out.toString().lines()).contains("tun0 in 1 packets 0 bytes");
        assertThat(err).hasToString("culvert: tun0 was deleted\n");
        assertThat(tunnels.isClosed()).isTrue();
    }

    @Test
    void aBugIsStatus70AndShowsItsTrace() {
        int status =
                culvert(
                        "run tun0 mode gre remote 192.0.2.2",
                        (configs, options) -> {
                            throw new IllegalStateException("a bug");
                        });

        assertThat(status).isEqualTo(70);
        assertThat(err.toString())
                .startsWith(
                        "culvert: internal error, please report it with what follows:"
                                + " java.lang.IllegalStateException: a bug\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "--version", "-V"})
    void theVersionIsOneLine(String arguments) {
        assertThat(culvert(arguments)).isZero();

        assertThat(out.toString()).matches("culvert \\S+ \\(Java \\S+, Linux \\S+, \\S+\\)\n");
        assertThat(err).hasToString("");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "-h",
                "help",
                "help help",
                "help version",
                "help --help",
                "version --help",
                "version -h"
            })
    void helpShowsTheFirstPage(String arguments) {
        assertThat(culvert(arguments)).isZero();

        assertThat(out).hasToString(Manual.text("culvert"));
        assertThat(err).hasToString("");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run --help",
                "run -h",
                "run help",
                "help run",
                "run tun0 mode gre --help",
                "run tun0 mode gre remot -h"
            })
    void helpOfRunShowsItsPage(String arguments) {
        assertThat(culvert(arguments)).isZero();

        assertThat(out).hasToString(Manual.text("run"));
        assertThat(err).hasToString("");
        assertThat(opened).isEmpty();
    }

    private int culvertThatEndsAtOnce(String arguments) {
        return culvert(
                arguments,
                (configs, options) -> {
                    opened.addAll(configs);
                    tunnels = new FakeTunnels(configs);
                    tunnels.close();
                    return tunnels;
                });
    }

    private int culvert(String arguments) {
        return culvert(
                arguments,
                (configs, options) -> {
                    opened.addAll(configs);
                    throw new AssertionError("no tunnel was to be opened");
                });
    }

    private int culvert(String arguments, RunningTunnels.Opener opener) {
        List<String> words = arguments.isEmpty() ? List.of() : Arrays.asList(arguments.split(" "));
        return Culvert.run(words, new PrintWriter(out), new PrintWriter(err), opener);
    }
}

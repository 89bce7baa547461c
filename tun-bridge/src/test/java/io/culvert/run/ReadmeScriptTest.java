package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What README says about scripts, restarts and hang-ups. */
@NeedsRoot
@Timeout(120)
class ReadmeScriptTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Path README = Path.of("..", "README.md");
    private static final String WORDS = "mode gre remote 8.210.37.47 local 172.16.156.195 mtu 1400";

    private Cable cable;
    private NetworkNamespace host;

    @BeforeEach
    void makeHost() {
        cable = new Cable();
        host = cable.left();
        host.address("eth0", "172.16.156.195/20");
        host.run("ip route add default dev eth0");
    }

    @AfterEach
    void removeHost() {
        cable.close();
    }

    /** README's lines, with a command that is not installed here. */
    private static String readmeLines() throws IOException {
        List<String> blocks =
                Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(README))
                        .results()
                        .map(block -> block.group(1))
                        .toList();
        assertThat(blocks).hasSize(1);
        return "culvert() { exec "
                + String.join(" ", CulvertProcess.java())
                + " \"$@\"; }\n"
                + blocks.get(0);
    }

    @Test
    void theLinesOfAScriptWaitUntilAddressesAndRoutesCanBeSet() throws IOException {
        String script =
                readmeLines()
                        + """
                        set -e
                        ip addr add 192.168.1.1 peer 192.168.1.2 dev tun_gre0
                        ip route add 172.31.240.0/20 dev tun_gre0
                        ip route get 172.31.240.1
                        kill $!
                        wait
                        """;

        Outcome outcome = host.attempt("sh", "-c", script);

        assertThat(outcome.exitStatus()).as("%s", outcome).isZero();
        assertThat(outcome.stdout())
                .contains("tun_gre0: up, gre ", "172.31.240.1 dev tun_gre0 src 192.168.1.1");
        assertThat(outcome.stderr()).isEmpty();
    }

    @Test
    void theLinesOfAScriptEndItWhenTheTunnelDoesNotStart() throws IOException {
        Outcome outcome =
                host.attempt("sh", "-c", readmeLines().replace("mode gre", "mode grx") + "echo on");

        assertThat(outcome.exitStatus()).isNotZero();
        assertThat(outcome.stdout()).isEmpty();
        assertThat(outcome.stderr()).contains("grx");
    }

    @Test
    void aDeviceThatWasMadeBeforehandKeepsItsAddressesAndRoutesOverARestart() {
        host.run("ip tuntap add dev tun_gre0 mode tun");
        for (int start = 1; start <= 2; start++) {
            CulvertProcess culvert = CulvertProcess.run(host, "tun_gre0", WORDS);
            if (start == 1) {
                host.run("ip addr add 192.168.1.1 peer 192.168.1.2 dev tun_gre0");
                host.run("ip route add 172.31.240.0/20 dev tun_gre0");
            }
            assertThat(host.run("ip route get 172.31.240.1").stdout())
                    .contains("dev tun_gre0 src 192.168.1.1");
            culvert.stop();
            assertThat(host.run("ip link show tun_gre0").stdout()).contains("NO-CARRIER");
            assertThat(host.run("ip addr show tun_gre0").stdout()).contains("192.168.1.1 peer");
        }
    }

    @Test
    void aHangUpEndsTheTunnelUnlessNohupKeepsItAway() {
        List<String> run = new ArrayList<>(CulvertProcess.java());
        run.addAll(List.of(("run tun_gre0 " + WORDS).split(" ")));
        BackgroundProcess plain = start(run);
        assertThat(plain.end("HUP").exitStatus()).isZero();
        assertThat(host.attempt("ip", "link", "show", "tun_gre0").exitStatus()).isNotZero();

        run.add(0, "nohup");
        BackgroundProcess kept = start(run);
        kept.signal("HUP");
        kept.signal("USR1"); // which is answered, and so the one before was seen as well
        kept.awaitLine(kept.stdout(), 1, line -> line.startsWith("tun_gre0 up "), PATIENCE);
        assertThat(kept.end("TERM").exitStatus()).isZero();
    }

    private BackgroundProcess start(List<String> command) {
        BackgroundProcess process = host.start(command.toArray(String[]::new));
        process.awaitLine(process.stdout(), 0, line -> line.startsWith("tun_gre0: up"), PATIENCE);
        return process;
    }
}

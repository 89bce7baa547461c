package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code culvert run} says when it cannot start: the cause, and what can be done here. */
@NeedsRoot(programs = {"unshare", "setpriv", "bash"})
@Timeout(60)
class TrueReasonTest {
    private static final String TUNNEL = "run --no-rehearsal t0 mode gre remote 127.0.0.2";

    private NetworkNamespace host;

    @BeforeEach
    void makeHost() {
        host = NetworkNamespace.create("reason");
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    private Outcome run(String before, String... wrapper) {
        String culvert =
                Stream.concat(CulvertProcess.java().stream(), Stream.of(TUNNEL))
                        .collect(Collectors.joining(" "));
        List<String> command = new ArrayList<>(List.of(wrapper));
        command.addAll(List.of("bash", "-c", before + "; exec " + culvert));
        return host.attempt(command.toArray(String[]::new));
    }

    @Test
    void rootOfAUserNamespaceIsNotToldToBeRoot() {
        Outcome refused = run("true", "unshare", "--map-root-user");

        assertThat(refused.exitStatus()).isEqualTo(77);
        assertThat(refused.stderr())
                .contains("EPERM", "in a user namespace, which does not own this network namespace")
                .doesNotContain("--cap-add");
    }

    @Test
    void rootOfAContainerIsToldWhichRightItLacks() {
        Outcome refused = run("true", "setpriv", "--bounding-set", "-net_admin", "--inh-caps=-all");

        assertThat(refused.exitStatus()).isEqualTo(77);
        assertThat(refused.stderr())
                .contains("cannot attach to t0", "CAP_NET_ADMIN, which root lacks here");
    }

    @Test
    void aFileInPlaceOfTheTunDeviceIsSaidToBeOne() {
        Outcome refused = run("mount --bind /dev/null /dev/net/tun", "unshare", "--mount");

        assertThat(refused.exitStatus()).isEqualTo(69);
        assertThat(refused.stderr())
                .contains("ENOTTY (25)", "/dev/net/tun does not lead to the TUN driver")
                .contains("rm /dev/net/tun; mknod /dev/net/tun c 10 200");
    }

    @Test
    void aLimitOfOpenFilesIsToldWithTheNumberThatIsNeeded() {
        Outcome refused = run("ulimit -n 60");

        assertThat(refused.exitStatus()).isEqualTo(1);
        assertThat(refused.stderr())
                .containsPattern("a tunnel and --lanes [0-9]+ take [0-9]+ open files")
                .containsPattern("this process may have 60: ulimit -n [0-9]+");
        String needed = refused.stderr().replaceAll("(?s).*ulimit -n ([0-9]+).*", "$1");
        Outcome followed = run("ulimit -n " + needed, "timeout", "--preserve-status", "5");
        assertThat(followed.stdout()).contains("t0: up");
        assertThat(followed.stderr()).isEmpty();
    }

    @Test
    void aHostWithoutHardwareAddressIsNotWarnedOf() {
        Outcome ended = run("true", "timeout", "--preserve-status", "5");

        assertThat(ended.stdout()).contains("t0: up");
        assertThat(ended.stderr()).isEmpty();
    }
}

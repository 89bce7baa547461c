package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code stats} and {@code doctor} of tunnels over IPv6 and of Ethernet tunnels, beside others. */
@NeedsRoot(programs = "ping")
@Timeout(60)
class ObserversOfKindsTest {
    private static Cable cable;

    @BeforeAll
    static void raiseTunnels() {
        cable = new Cable();
        for (NetworkNamespace host : List.of(cable.left(), cable.right())) {
            host.exec("sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6");
        }
        cable.left().address("eth0", "2001:db8::1/64");
        cable.right().address("eth0", "2001:db8::2/64");
        CulvertProcess.startFile(cable.left(), tunnels(1)).awaitUp();
        CulvertProcess.startFile(cable.right(), tunnels(2)).awaitUp();
        for (int row = 0; row < 4; row++) {
            String peer = "198.51.100." + (4 * row + 2);
            Eventually.isTrue("pings pass", () -> Pinging.answers(cable.left(), peer));
        }
    }

    private static List<String> tunnels(int side) {
        List<String> lines = new ArrayList<>();
        for (String kind : List.of("gre", "ip6gre", "ip6tnl", "gretap")) {
            String form = kind.startsWith("ip6") ? "2001:db8::%d" : "192.0.2.%d";
            lines.add(
                    "%s0 mode %1$s local %s remote %s address 198.51.100.%d/30"
                            .formatted(
                                    kind,
                                    form.formatted(side),
                                    form.formatted(3 - side),
                                    4 * lines.size() + side));
        }
        return lines;
    }

    @AfterAll
    static void takeThemAway() {
        cable.close();
    }

    private static Outcome culvert(String... words) {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.addAll(List.of(words));
        return cable.left().attempt(command.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({
        "gre0, gre 192.0.2.1 -> 192.0.2.2, gre",
        "ip6gre0, ip6gre 2001:db8::1 -> 2001:db8::2, ip6gre",
        "ip6tnl0, ip6tnl 2001:db8::1 -> 2001:db8::2, ip6tnl",
        "gretap0, gretap 192.0.2.1 -> 192.0.2.2, gretap"
    })
    void statsShowEachKind(String name, String words, String mode) {
        assertThat(culvert("stats", name).orThrow().stdout())
                .contains(name + ": up, " + words, "RX:", "latency");
        assertThat(culvert("stats", "--json", name).orThrow().stdout())
                .contains("\"mode\": \"" + mode + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gre0", "ip6gre0", "ip6tnl0", "gretap0"})
    void theDoctorFindsNoFaultWhereThereIsNone(String name) {
        Outcome looked = culvert("doctor", "-v", name);
        assertThat(looked.stderr()).isEmpty();
        assertThat(looked.stdout()).doesNotContain("error  ").doesNotContain("warning  ");
        if (name.equals("gre0")) {
            assertThat(looked.exitStatus()).isZero();
        } else {
            assertThat(looked.stdout()).contains("are not asked yet", "culvert trace " + name);
        }
    }
}

package io.culvert.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.json.Json;
import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code culvert doctor NAME} of a tunnel that runs, and faults of its own host. */
@NeedsRoot(programs = {"nft", "ping"})
final class HostDiagnosisTest {
    private static final String OF_LEFT =
            "mode gre remote 192.0.2.129 local 192.0.2.1 address 198.51.100.1 peer 198.51.100.2";
    private static final String OF_RIGHT =
            "mode gre remote 192.0.2.1 local 192.0.2.129 address 198.51.100.2 peer 198.51.100.1";

    private static RoutedPair network;
    private static CulvertProcess left;

    @BeforeAll
    static void bothEndsRun() {
        network = new RoutedPair();
        left = CulvertProcess.start(network.left(), "tun7", OF_LEFT);
        CulvertProcess.run(network.right(), "tun7", OF_RIGHT);
        left.awaitUp();
    }

    @AfterAll
    static void leave() {
        network.close();
    }

    @AfterEach
    void mend() {
        network.mend();
        network.left().attempt("ip", "route", "del", "192.0.2.129");
        network.left().attempt("ip", "link", "set", "tun7", "mtu", "1476");
        sysctl("tun7/rp_filter", 0);
    }

    @Test
    void aHealthyTunnelEndsWithZeroAndFewWords() {
        Outcome outcome = doctor();

        assertThat(outcome.exitStatus()).as(outcome.stdout()).isZero();
        assertThat(outcome.stderr()).isEmpty();
        assertThat(outcome.stdout())
                .matches(
                        "tun7: gre 192\\.0\\.2\\.1 -> 192\\.0\\.2\\.129\n\n"
                                + "\\d+ checks: \\d+ ok \\(-v shows all\\)\n");
    }

    @Test
    void theRouteToTheRemoteIsLedIntoTheTunnel() {
        network.left().run("ip route add 192.0.2.129 dev tun7");

        List<Map<?, ?>> faults = faults(2);

        assertThat(faults)
                .extracting(f -> (Object) f.get("id"))
                .containsExactly("route-loop", "peer");
        assertThat(faults.get(0).get("evidence"))
                .isEqualTo("remote 192.0.2.129: 192.0.2.129 dev tun7");
        assertThat(faults.get(0).get("remedy"))
                .isEqualTo(List.of("ip route replace 192.0.2.129 via GATEWAY dev eth0"));
    }

    @Test
    void anMtuThatLeavesNoRoomForTheHeaders() {
        network.left().run("ip link set tun7 mtu 1500");

        List<Map<?, ?>> faults = faults(1);

        assertThat(faults).extracting(f -> (Object) f.get("id")).containsExactly("mtu");
        assertThat(faults.get(0).get("evidence"))
                .isEqualTo("eth0 1500 - IPv4 20 - GRE 4 = 1476; tun7 has 1500");
    }

    @Test
    void strictReversePathFilteringDropsWhatComesFromBehindThePeer() {
        network.right().run("ip addr add 203.0.113.9 dev lo");
        sysctl("tun7/rp_filter", 1);
        try (BackgroundProcess pinging =
                network.right()
                        .start("ping", "-n", "-i", "0.1", "-I", "203.0.113.9", "198.51.100.1")) {
            List<Map<?, ?>> faults = faults(1);

            assertThat(faults)
                    .extracting(f -> (Object) f.get("id"))
                    .containsExactly("rp-filter-drops");
            assertThat((String) faults.get(0).get("evidence"))
                    .contains("IPReversePathFilter", "rp_filter: all 0, tun7 1");
            List<?> cures = (List<?>) faults.get(0).get("remedy");
            network.left().run("ip route add 203.0.113.9 dev tun7"); // cures.get(0), of a network
            assertThat(faults(0)).isEmpty();
            network.left().run("ip route del 203.0.113.9 dev tun7");
            assertThat(faults(1)).hasSize(1);
            network.left().run(((String) cures.get(1)).replace("or: ", ""));
            assertThat(faults(0)).isEmpty();
            assertThat(pinging.isAlive()).isTrue();
        }
        network.right().run("ip addr del 203.0.113.9/32 dev lo");
    }

    @Test
    void theLocalAddressIsTakenAway() {
        network.left().run("ip addr add 192.0.2.5/32 dev eth0");
        network.left().run("ip addr del 192.0.2.1/25 dev eth0");
        network.left().run("ip route replace 192.0.2.0/25 dev eth0 src 192.0.2.5");
        network.left().run("ip route replace default via 192.0.2.126");
        try {
            List<Map<?, ?>> faults = faults(2);

            assertThat(faults)
                    .extracting(f -> (Object) f.get("id"))
                    .containsExactly("local-address", "peer");
            assertThat(faults.get(0).get("evidence"))
                    .isEqualTo(
                            "local 192.0.2.1 is not an address of this host, which has"
                                    + " 192.0.2.5 (eth0), 198.51.100.1 (tun7)");
            assertThat(faults.get(0).get("remedy"))
                    .isEqualTo(
                            List.of(
                                    "kill " + left.pid() + "    # ends tun7",
                                    "culvert run tun7 mode gre remote 192.0.2.129 local 192.0.2.5"
                                            + " address 198.51.100.1 peer 198.51.100.2/32"
                                            + "    # now with local 192.0.2.5"));
        } finally {
            network.left().run("ip route del 192.0.2.0/25 dev eth0 src 192.0.2.5");
            network.left().run("ip addr add 192.0.2.1/25 dev eth0");
            network.left().run("ip addr del 192.0.2.5/32 dev eth0");
            network.left().run("ip route replace default via 192.0.2.126");
        }
    }

    @Test
    void aTunnelThatIsDownIsNotSendingAnything() {
        network.left().run("ip link set tun7 down");
        try {
            assertThat(faults(2))
                    .extracting(f -> (Object) f.get("id"))
                    .containsExactly("device-down", "peer");
        } finally {
            network.left().run("ip link set tun7 up");
        }
    }

    @Test
    void aPeerThatHasStartedAgainCountsFromZero() {
        String both = "mode gre key 8 seq remote %s local %s address %s peer %s";
        String here = both.formatted("192.0.2.129", "192.0.2.1", "198.51.100.5", "198.51.100.6");
        String there = both.formatted("192.0.2.1", "192.0.2.129", "198.51.100.6", "198.51.100.5");
        try (CulvertProcess ours = CulvertProcess.run(network.left(), "tun8", here)) {
            try (CulvertProcess theirs = CulvertProcess.run(network.right(), "tun8", there)) {
                // numbers far above what the peer begins with the next time
                network.right().run("ping -q -n -f -c 500 198.51.100.5");
                assertThat(theirs.isAlive()).isTrue();
            }
            try (CulvertProcess theirs = CulvertProcess.run(network.right(), "tun8", there)) {
                List<Map<?, ?>> faults = faultsOf(ours, "tun8", 2);

                assertThat(faults)
                        .extracting(f -> (Object) f.get("id"))
                        .containsExactly("sequence-old");
                assertThat((String) faults.get(0).get("evidence"))
                        .startsWith("tun8 dropped ")
                        .contains("packets meanwhile: sequence-old");
                assertThat(theirs.isAlive()).isTrue();
            }
        }
    }

    @Test
    void aNameThatNobodyRunsIsSaid() {
        Outcome outcome = doctor(left, "tun9");

        assertThat(outcome.exitStatus()).isEqualTo(69);
        assertThat(outcome.stderr()).contains("tun9").startsWith("culvert: ");
        assertThat(outcome.stdout()).isEmpty();
    }

    private static Outcome doctor() {
        return doctor(left, "tun7", "--probe", "1");
    }

    private static Outcome doctor(CulvertProcess culvert, String... words) {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.add("doctor");
        command.addAll(List.of("--pid", "" + culvert.pid()));
        command.addAll(List.of(words));
        return network.left().attempt(command.toArray(String[]::new));
    }

    /** All findings that are not ok, of a run that ends with this status. */
    private static List<Map<?, ?>> faults(int exitStatus) {
        return faultsOf(left, "tun7", exitStatus);
    }

    private static List<Map<?, ?>> faultsOf(CulvertProcess culvert, String name, int exitStatus) {
        Outcome outcome = doctor(culvert, name, "--probe", "1", "--json");
        assertThat(outcome.exitStatus())
                .as(outcome.stdout() + outcome.stderr())
                .isEqualTo(exitStatus);
        Map<?, ?> root = (Map<?, ?>) Json.read(outcome.stdout());
        List<Map<?, ?>> faults = new ArrayList<>();
        for (Object finding : (List<?>) root.get("findings")) {
            Map<?, ?> map = (Map<?, ?>) finding;
            if (!map.get("severity").equals("ok")) {
                faults.add(map);
            }
        }
        return faults;
    }

    private static void sysctl(String key, int value) {
        network.left().exec("sh", "-c", "echo " + value + " >/proc/sys/net/ipv4/conf/" + key);
    }
}

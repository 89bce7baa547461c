package io.culvert.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.ConfigWords;
import io.culvert.json.Json;
import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults of tunnels that run, and their cures: each is followed to the letter, and helps. */
@NeedsRoot(programs = {"nft", "ping", "python3"})
@Timeout(60)
final class CureTest {
    private static final String OF_LEFT =
            "mode gre remote 192.0.2.129 local 192.0.2.1 address 198.51.100.1 peer 198.51.100.2";
    private static final String OF_RIGHT =
            "mode gre remote 192.0.2.1 local 192.0.2.129 address 198.51.100.2 peer 198.51.100.1";

    private RoutedPair network;
    private NetworkNamespace left;

    @BeforeEach
    void connect() {
        network = new RoutedPair();
        left = network.left();
    }

    @AfterEach
    void leave() {
        network.close();
    }

    @Test
    void anotherKeyIsCuredInBothDirections() {
        CulvertProcess ours = CulvertProcess.start(left, "t0", OF_LEFT + " key 8 csum");
        CulvertProcess.run(network.right(), "t0", OF_RIGHT + " key 7 csum");
        ours.awaitUp();
        try (BackgroundProcess pinging = peerPings()) {
            Finding fault = onlyFault("t0");

            assertThat(fault.id()).isEqualTo("key-mismatch");
            follow(fault, ours);
            assertThat(faults("t0")).isEmpty();
            assertThat(pinging.isAlive()).isTrue();
        }
    }

    @Test
    void aPeerThatBridgesIsNamed() {
        CulvertProcess.run(left, "t0", OF_LEFT);
        try (BackgroundProcess gretap =
                sendGreFromRight("00006558" + "ff".repeat(6) + "02".repeat(6) + "0806")) {
            Finding fault = onlyFault("t0");

            assertThat(fault.id()).isEqualTo("peer-payload");
            assertThat(fault.evidence())
                    .matches(
                            "(\\d+) of \\1 packets from 192\\.0\\.2\\.129 carry Ethernet"
                                    + " \\(0x6558\\)");
            assertThat(fault.meaning()).startsWith("the peer bridges (gretap)");
            assertThat(gretap.isAlive()).isTrue();
        }
    }

    @Test
    void aRoutingProtocolWhoseMulticastDiesAtTheRouter() {
        CulvertProcess ours = CulvertProcess.start(left, "t0", OF_LEFT);
        CulvertProcess.run(network.right(), "t0", OF_RIGHT);
        ours.awaitUp();
        left.run("ip route add 224.0.0.0/24 dev t0");
        try (BackgroundProcess rip =
                left.start(
                        "python3",
                        "-c",
                        "import socket, time\n"
                                + "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                                + "s.bind(('198.51.100.1', 0))\n"
                                + "for _ in range(1200):\n"
                                + "  s.sendto(b'hello', ('224.0.0.9', 520))\n"
                                + "  time.sleep(0.05)\n")) {
            Finding fault = onlyFault("t0");

            assertThat(fault.id()).isEqualTo("multicast-ttl");
            assertThat(fault.severity()).isEqualTo(Severity.WARNING);
            assertThat(fault.evidence())
                    .contains(
                            "time exceeded (11/0) from 192.0.2.126 about packets to 224.0.0.9,"
                                    + " whose inner TTL was 1");
            assertThat(rip.isAlive()).isTrue();
            follow(fault, ours);
            left.run("ip route replace 224.0.0.0/24 dev t0");
            assertThat(faults("t0")).isEmpty();
        }
    }

    @Test
    void aMemberOfARoutingProtocolsGroupIsEnoughToKnow() {
        CulvertProcess ours = CulvertProcess.start(left, "t0", OF_LEFT);
        CulvertProcess.run(network.right(), "t0", OF_RIGHT);
        ours.awaitUp();
        try (BackgroundProcess ospf =
                left.start(
                        "python3",
                        "-c",
                        "import socket, time\n"
                                + "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                                + "s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,"
                                + " socket.inet_aton('224.0.0.5') + socket.inet_aton('198.51.100.1'))\n"
                                + "print('joined', flush=True)\n"
                                + "time.sleep(60)\n")) {
            ospf.awaitLine(ospf.stdout(), 0, "joined"::equals, Duration.ofSeconds(20));

            Finding fault = onlyFault("t0");

            assertThat(fault.id()).isEqualTo("multicast-ttl");
            assertThat(fault.evidence())
                    .isEqualTo(
                            "/proc/net/igmp: t0 has joined 224.0.0.5 (OSPF); the remote is behind"
                                    + " the router 192.0.2.126, and ttl is inherit");
        }
    }

    @Test
    void oneOfTheDefaultRoutesNextHopsIsTheTunnel() {
        CulvertProcess ours = CulvertProcess.start(left, "t0", OF_LEFT);
        CulvertProcess.run(network.right(), "t0", OF_RIGHT);
        ours.awaitUp();
        left.run("ip route replace default nexthop via 192.0.2.126 dev eth0 nexthop dev t0");
        ours.awaitComplaint(
                0,
                line ->
                        line.startsWith("culvert: t0: one of the next hops to remote 192.0.2.129")
                                || line.contains("leads back into t0"));

        Finding fault =
                faults("t0").stream().filter(f -> f.id().equals("route-loop")).findFirst().get();

        assertThat(fault.severity()).isEqualTo(Severity.ERROR);
        assertThat(fault.remedy())
                .isEqualTo("ip route replace 192.0.2.129 via 192.0.2.126 dev eth0");
        left.run(fault.remedy());
        ours.awaitComplaint(1, "culvert: t0: packets can leave again"::equals);
        assertThat(faults("t0")).isEmpty();
    }

    /** A rule for GRE is not seen by who asks for the route; the tunnel's own counters know. */
    @Test
    void packetsThatComeBackByARuleAreToldByTheTunnelsDrops() {
        CulvertProcess.run(left, "t0", OF_LEFT);
        left.run("ip route add default dev t0 table 100");
        left.run("ip rule add ipproto gre lookup 100 pref 100");

        Finding fault = onlyFault("t0");

        assertThat(fault.id()).isEqualTo("route-loop");
        assertThat(fault.evidence()).matches("t0 dropped \\d+ packets meanwhile: loop \\(.*");
        assertThat(fault.remedy()).contains("ip rule show");
    }

    @Test
    void tunnelsOfTwoProcessesThatNeedEachOther() {
        CulvertProcess one = CulvertProcess.start(left, "t0", OF_LEFT);
        CulvertProcess other = CulvertProcess.start(left, "t1", "mode gre remote 203.0.113.9");
        CulvertProcess.run(network.right(), "t0", OF_RIGHT);
        one.awaitUp();
        other.awaitUp();
        left.run("ip route add 192.0.2.129 dev t1");
        left.run("ip route add 203.0.113.9 dev t0");

        Finding fault =
                faults("t0").stream().filter(f -> f.id().equals("route-loop")).findFirst().get();

        assertThat(fault.evidence())
                .isEqualTo(
                        "t0's remote 192.0.2.129: 192.0.2.129 dev t1;"
                                + " t1's remote 203.0.113.9: 203.0.113.9 dev t0");
        left.run(fault.remedy().replace("GATEWAY", "192.0.2.126"));
        assertThat(faults("t0")).isEmpty();
    }

    @Test
    void whatTheKernelLearntOfThePathIsNoFault() {
        CulvertProcess ours = CulvertProcess.start(left, "t0", OF_LEFT);
        CulvertProcess.run(network.right(), "t0", OF_RIGHT);
        ours.awaitUp();
        network.router().run("ip link set right mtu 1300");

        assertThat(faults("t0")).isEmpty();
        List<Finding> again = examine("t0");

        assertThat(again).allMatch(f -> f.severity() == Severity.OK);
        assertThat(evidence(again, "mtu"))
                .matches(
                        "path 1300 \\(learnt from ICMP, forgotten in \\d+ s; eth0 1500\\).*"
                                + " = 1276; t0 has 1476; .* ip route flush cache");
        assertThat(evidence(again, "path-mtu")).contains("the path carries 1300, not 1500");
    }

    @Test
    void anMtuOfTheRouteIsNamedAndCured() {
        CulvertProcess ours = CulvertProcess.start(left, "t0", OF_LEFT);
        CulvertProcess.run(network.right(), "t0", OF_RIGHT);
        ours.awaitUp();
        left.run("ip route add 192.0.2.129 via 192.0.2.126 mtu 1300");

        Finding fault = onlyFault("t0");

        assertThat(fault.evidence())
                .startsWith(
                        "route 1300 (192.0.2.129 via 192.0.2.126 dev eth0 mtu 1300; eth0 1500)");
        left.run(fault.remedy());
        assertThat(faults("t0")).isEmpty();
    }

    @Test
    void twoTunnelsThatFaceEachOtherAndWork() {
        CulvertProcess ours =
                CulvertProcess.start(
                        left,
                        "t0",
                        "mode gre remote 127.0.0.2 local 127.0.0.1 address 198.51.100.1 peer"
                                + " 198.51.100.2");
        CulvertProcess theirs =
                CulvertProcess.start(left, "t1", "mode gre remote 127.0.0.1 local 127.0.0.2");
        ours.awaitUp();
        theirs.awaitUp();
        left.run("ip link set t1 netns " + network.right().name());
        network.right().run("ip addr add 198.51.100.2 peer 198.51.100.1 dev t1");
        network.right().run("ip link set t1 up");

        List<Finding> findings = examine("t0");

        assertThat(findings).allMatch(f -> f.severity() == Severity.OK);
        assertThat(evidence(findings, "remote-is-local"))
                .contains("which faces it", "t1 of pid " + theirs.pid());
        assertThat(evidence(findings, "peer"))
                .matches("(\\d+) of \\1 pings of 198\\.51\\.100\\.2 answered.*");
    }

    @Test
    void twoTunnelsThatFaceEachOtherInOnePlaceAreNoFault() {
        CulvertProcess both =
                CulvertProcess.startFile(
                        left,
                        List.of(
                                "t0 mode gre remote 127.0.0.2 local 127.0.0.1 address 198.51.100.1"
                                        + " peer 198.51.100.2",
                                "t1 mode gre remote 127.0.0.1 local 127.0.0.2 address 198.51.100.2"
                                        + " peer 198.51.100.1"));
        both.awaitUp();

        assertThat(examine("t0"))
                .allMatch(f -> f.severity() == Severity.OK || f.severity() == Severity.UNKNOWN);
    }

    @Test
    void aRemoteThatIsThisHostByMistake() {
        CulvertProcess.run(
                left,
                "t0",
                OF_LEFT.replace("remote 192.0.2.129", "remote 192.0.2.1")
                        .replace("local 192.0.2.1 ", ""));

        List<Finding> faults = faults("t0");

        assertThat(faults)
                .extracting(Finding::id)
                .containsExactly("remote-is-local", "nothing-comes-back");
        assertThat(faults.get(0).severity()).isEqualTo(Severity.ERROR);
    }

    @Test
    void onlyAnotherTunnelOfTheSameRemoteGetsThrough() {
        CulvertProcess.run(left, "t7", "mode gre remote 192.0.2.129 local 192.0.2.1 key 7");
        CulvertProcess.run(left, "t8", OF_LEFT + " key 8");
        CulvertProcess.run(network.right(), "t7", OF_RIGHT + " key 7");
        try (BackgroundProcess pinging = peerPings()) {
            assertThat(onlyFault("t8").id()).isEqualTo("only-others-come");
            assertThat(pinging.isAlive()).isTrue();
        }
    }

    /** The right host tells the left one that nobody takes its IPIP, until rules forbid it. */
    @Test
    void theRulesAgainstUnreachablesLetFragmentationNeededPass() {
        sendIpipToRight();
        assertThat(errorsAtLeft()).isPositive();

        UnreachableSilence.commands(RoutedPair.LEFT)
                .lines()
                .forEach(line -> network.right().exec("sh", "-c", line));
        long before = errorsAtLeft();
        sendIpipToRight();

        assertThat(errorsAtLeft()).isEqualTo(before);
        assertThat(network.right().run("nft list chain ip culvert out").stdout())
                .contains("prot-unreachable", "port-unreachable")
                .doesNotContain("frag-needed");
    }

    /** A ping behind them, whose answer comes when what they caused has come. */
    private void sendIpipToRight() {
        left.exec(
                "python3",
                "-c",
                "import socket\n"
                        + "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 4)\n"
                        + "s.sendto(bytes(40), ('192.0.2.129', 0))\n");
        left.run("ping -n -c 1 192.0.2.129");
    }

    private long errorsAtLeft() {
        String[] rows =
                left.run("cat /proc/net/snmp")
                        .stdout()
                        .lines()
                        .filter(line -> line.startsWith("Icmp:"))
                        .toArray(String[]::new);
        List<String> names = List.of(rows[0].split(" "));
        return Long.parseLong(rows[1].split(" ")[names.indexOf("InDestUnreachs")]);
    }

    private BackgroundProcess peerPings() {
        return network.right().start("ping", "-n", "-i", "0.05", "198.51.100.1");
    }

    /**
     * Sends GRE packets of these hexadecimal digits to the left host until it is closed, for a
     * minute at most.
     */
    private BackgroundProcess sendGreFromRight(String hex) {
        return network.right()
                .start(
                        "python3",
                        "-c",
                        "import socket, time\n"
                                + "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47)\n"
                                + "for _ in range(1200):\n"
                                + "  s.sendto(bytes.fromhex('"
                                + hex
                                + "'), ('192.0.2.1', 0))\n"
                                + "  time.sleep(0.05)\n");
    }

    /** Does what a cure says: ends the process, and runs the tunnel as it is to be. */
    private void follow(Finding fault, CulvertProcess process) {
        List<String> lines = fault.remedy().lines().toList();
        assertThat(lines.get(0)).isEqualTo("kill " + process.pid() + "    # ends t0");
        left.exec("sh", "-c", lines.get(0));
        process.awaitEnd();
        String words = ConfigWords.text(Cures.tunnelOf(fault));
        assertThat(words).startsWith("t0 ");
        CulvertProcess.run(left, "t0", words.substring("t0 ".length()));
    }

    private Finding onlyFault(String name) {
        List<Finding> faults = faults(name);
        assertThat(faults).hasSize(1);
        return faults.get(0);
    }

    private List<Finding> faults(String name) {
        return examine(name).stream().filter(f -> f.severity() != Severity.OK).toList();
    }

    private static String evidence(List<Finding> findings, String id) {
        return findings.stream().filter(f -> f.id().equals(id)).findFirst().get().evidence();
    }

    private List<Finding> examine(String name) {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.addAll(List.of("doctor", name, "--probe", "1.2", "--json"));
        Outcome outcome = left.attempt(command.toArray(String[]::new));
        assertThat(outcome.stderr()).isEmpty();
        Map<?, ?> root = (Map<?, ?>) Json.read(outcome.stdout());
        List<Finding> findings = new ArrayList<>();
        for (Object one : (List<?>) root.get("findings")) {
            findings.add(finding((Map<?, ?>) one));
        }
        return Cures.allTaken(findings);
    }

    private static Finding finding(Map<?, ?> map) {
        return new Finding(
                (String) map.get("id"),
                Severity.valueOf(((String) map.get("severity")).toUpperCase(Locale.ROOT)),
                (String) map.get("evidence"),
                (String) map.get("meaning"),
                ((List<?>) map.get("remedy"))
                        .stream().map(String::valueOf).collect(Collectors.joining("\n")));
    }
}

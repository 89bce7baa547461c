package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.json.Json;
import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The control socket of real processes: who gets in, what stays behind, and what it tells. */
@NeedsRoot(programs = {"ping", "perl", "setpriv"})
@Timeout(120)
class ControlSocketRunTest {
    private static final String WORDS =
            "tun0 mode gre remote 192.0.2.2 local 192.0.2.1 address 198.51.100.1/24";
    private static final String PEER_WORDS =
            "tun0 mode gre remote 192.0.2.1 local 192.0.2.2 address 198.51.100.2/24";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Connects, asks, and prints the answer or the error. */
    private static final String CLIENT =
            """
            use IO::Socket::UNIX;
            my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or print("$!\\n"), exit;
            $s->print(qq({"culvert":1,"verb":"tunnels"}\\n));
            print scalar <$s>;
            """;

    @TempDir Path directory;
    private Cable cable;

    @BeforeEach
    void layTheCable() {
        cable = new Cable();
    }

    @AfterEach
    void takeItAway() {
        cable.close();
    }

    private BackgroundProcess run(NetworkNamespace host, String words) {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.addAll(List.of("run", "--control", directory.toString()));
        command.addAll(List.of(words.split(" ")));
        BackgroundProcess culvert = host.start(command.toArray(String[]::new));
        culvert.awaitLine(culvert.stdout(), 0, line -> line.startsWith("tun0: up"), PATIENCE);
        return culvert;
    }

    private Path socketOf(BackgroundProcess culvert) {
        Path socket = directory.resolve(culvert.pid() + ".sock");
        Eventually.isTrue("the socket is there", () -> Files.exists(socket));
        return socket;
    }

    private Outcome stats(NetworkNamespace host, String... options) {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.addAll(List.of("stats", "--control", directory.toString()));
        command.addAll(List.of(options));
        return host.attempt(command.toArray(String[]::new));
    }

    private Outcome trace(NetworkNamespace host) {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.addAll(List.of("trace", "--control", directory.toString(), "tun0"));
        BackgroundProcess trace = host.start(command.toArray(String[]::new));
        trace.awaitLine(trace.stderr(), 0, line -> line.contains("watching"), PATIENCE);
        return trace.end("INT");
    }

    private Outcome ask(Path socket, String... as) {
        List<String> command = new ArrayList<>(List.of(as));
        command.addAll(List.of("perl", "-e", CLIENT, socket.toString()));
        return cable.left().attempt(command.toArray(String[]::new));
    }

    private static Map<?, ?> tunnel(Outcome json) {
        Map<?, ?> answer = (Map<?, ?>) Json.read(json.orThrow().stdout());
        return (Map<?, ?>) ((List<?>) answer.get("tunnels")).get(0);
    }

    private static String at(Map<?, ?> map, String... path) {
        Object value = map;
        for (String name : path) {
            value = ((Map<?, ?>) value).get(name);
        }
        return String.valueOf(value);
    }

    @Test
    void whatIsCountedIsWhatWasSent() {
        run(cable.right(), PEER_WORDS);
        socketOf(run(cable.left(), WORDS));
        String pings = Pinging.output(cable.left(), "198.51.100.2", 7, "-s", "100");
        assertThat(pings).contains("7 received");
        try (OuterSender sender = OuterSender.in(cable.right())) {
            for (int i = 0; i < 3; i++) { // with a key, which this tunnel has none of
                sender.send(47, Cable.RIGHT, Cable.LEFT, "2000 0800 00000009 45000014");
            }
        }
        Eventually.isTrue(
                "the last one is counted",
                () ->
                        at(tunnel(stats(cable.left(), "tun0", "--json")), "received", "errors")
                                .equals("3"));

        Map<?, ?> tunnel = tunnel(stats(cable.left(), "tun0", "--json"));
        for (String way : List.of("received", "sent")) {
            assertThat(at(tunnel, way, "packets")).isEqualTo("7");
            assertThat(at(tunnel, way, "bytes")).isEqualTo("" + 7 * (20 + 8 + 100));
            assertThat(at(tunnel, way, "dropped")).isEqualTo("0");
            assertThat(at(tunnel, "latency-" + way, "packets")).isEqualTo("7");
        }
        assertThat(at(tunnel, "sent", "errors")).isEqualTo("0");
        assertThat((List<?>) tunnel.get("drops"))
                .singleElement()
                .asString()
                .contains("reason=key-unexpected", "packets=3", "the tunnel expects none");
        assertThat(at(tunnel, "mtu-bytes")).isEqualTo("1476");
        assertThat(at(tunnel, "path-mtu-bytes")).isEqualTo("1500");
        assertThat(at(tunnel, "round-trip")).isEqualTo("null");

        Outcome watched = stats(cable.left(), "--watch", "0.2", "tun0", "-c", "2").orThrow();
        assertThat(watched.stdout().lines()).hasSize(2);
        assertThat(watched.stdout()).contains("in 0 b/s 0 packets/s out 0 b/s 0 packets/s drops 0");
    }

    @Test
    void aChangedMtuIsShown() {
        socketOf(run(cable.left(), WORDS));
        cable.left().run("ip link set tun0 mtu 1300");
        Eventually.isTrue(
                "it is seen",
                () -> at(tunnel(stats(cable.left(), "--json")), "mtu-bytes").equals("1300"));
        assertThat(stats(cable.left()).stdout()).contains("mtu 1300, ").doesNotContain("1476");
    }

    @Test
    void anotherUserIsKeptOutByTheFileSystemAndByTheKernelsWord() throws IOException {
        Path socket = socketOf(run(cable.left(), WORDS));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
        assertThat(ask(socket).stdout()).contains("\"name\":\"tun0\"");
        String[] asNobody = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
        assertThat(ask(socket, asNobody).stdout()).isEqualTo("Permission denied\n");

        // and where somebody has opened both for everybody
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        String refused = ask(socket, asNobody).stdout();
        assertThat(refused)
                .contains("\"error\":\"this control socket is for root and root, not for ")
                .doesNotContain("tun0");
        assertThat(ask(socket).stdout()).contains("\"name\":\"tun0\"");
    }

    @Test
    void aKilledProcessLeavesASocketThatTheNextOneTakesAway() {
        BackgroundProcess killed = run(cable.left(), WORDS);
        Path left = socketOf(killed);
        killed.signal("KILL");
        killed.awaitEnd(PATIENCE);
        assertThat(left).exists();
        Outcome none = stats(cable.left());
        assertThat(none.exitStatus()).isEqualTo(69);
        assertThat(none.stderr())
                .isEqualTo(
                        "culvert: no culvert is running here: no control socket in "
                                + directory
                                + System.lineSeparator());

        BackgroundProcess next = run(cable.left(), WORDS);
        Path socket = socketOf(next);
        assertThat(left).doesNotExist();
        assertThat(stats(cable.left()).stdout()).startsWith("tun0: up, gre ");
        assertThat(next.end("TERM").exitStatus()).isZero();
        assertThat(socket).doesNotExist();
    }

    @Test
    void ofTwoProcessesTheOneInTheSameNamespaceIsMeant() {
        BackgroundProcess left = run(cable.left(), WORDS);
        BackgroundProcess right = run(cable.right(), PEER_WORDS);
        socketOf(left);
        socketOf(right);
        assertThat(stats(cable.left(), "tun0").stdout())
                .contains("pid " + left.pid() + ", netns " + cable.left() + ",");
        assertThat(stats(cable.right(), "tun0").stdout()).contains("pid " + right.pid() + ",");
        assertThat(stats(cable.left(), "--pid", "" + right.pid()).stdout())
                .contains("192.0.2.2 -> 192.0.2.1")
                .doesNotContain("192.0.2.1 -> 192.0.2.2");

        try (NetworkNamespace elsewhere = NetworkNamespace.create("else")) {
            Outcome both = stats(elsewhere, "tun0");
            assertThat(both.exitStatus()).isEqualTo(64);
            assertThat(both.stdout()).isEmpty();
            assertThat(both.stderr())
                    .startsWith("culvert: 2 have a tunnel named tun0: say which with --pid PID: ")
                    .contains("pid " + left.pid() + " in netns " + cable.left() + " (tun0)")
                    .contains("pid " + right.pid() + " in netns " + cable.right() + " (tun0)");

            assertThat(left.end("TERM").exitStatus()).isZero();
            Outcome onlyOne = stats(elsewhere, "tun0");
            assertThat(onlyOne.exitStatus()).isZero();
            assertThat(onlyOne.stdout()).contains("pid " + right.pid() + ",");
            assertThat(onlyOne.stderr())
                    .isEqualTo(
                            "culvert: tun0 is not in this network namespace: it belongs to pid %d in netns %s%n"
                                    .formatted(right.pid(), cable.right()));
            assertThat(trace(elsewhere).stderr()).startsWith(onlyOne.stderr());
        }
        assertThat(stats(cable.right(), "tun0").stderr()).isEmpty();
        assertThat(trace(cable.right()).stderr()).startsWith("culvert: watching tun0");
    }

    @Test
    void withoutANameTheTunnelsOfAllProcessesAreShownEachWithItsNamespace() throws IOException {
        BackgroundProcess left = run(cable.left(), WORDS + " ikey 3000000000 csum ttl 64 tos 10");
        BackgroundProcess right = run(cable.right(), PEER_WORDS);
        socketOf(left);
        socketOf(right);
        Map<?, ?> answer = (Map<?, ?>) Json.read(stats(cable.left(), "--json").orThrow().stdout());
        List<Map<?, ?>> tunnels =
                ((List<?>) answer.get("tunnels"))
                        .stream()
                                .<Map<?, ?>>map(tunnel -> (Map<?, ?>) tunnel)
                                .sorted(Comparator.comparing(tunnel -> at(tunnel, "local")))
                                .toList();

        assertThat(tunnels).hasSize(2);
        Map<?, ?> ofLeft = tunnels.get(0);
        assertThat(ofLeft.get("pid")).hasToString("" + left.pid());
        assertThat(at(ofLeft, "network-namespace", "name")).isEqualTo(cable.left().name());
        Object inode = Files.getAttribute(Path.of("/run/netns", cable.left().name()), "unix:ino");
        assertThat(at(ofLeft, "network-namespace", "inode")).isEqualTo("" + inode);
        assertThat(fields(ofLeft, "mode payload remote local dev ttl tos ikey okey icsum iseq"))
                .isEqualTo("gre any 192.0.2.2 192.0.2.1 null 64 16 3000000000 null true false");
        assertThat(ofLeft.get("addresses")).hasToString("[198.51.100.1/24]");
        Map<?, ?> ofRight = tunnels.get(1);
        assertThat(ofRight.get("pid")).hasToString("" + right.pid());
        assertThat(at(ofRight, "network-namespace", "name")).isEqualTo(cable.right().name());
        assertThat(fields(ofRight, "mode remote local ttl tos ikey okey pmtudisc"))
                .isEqualTo("gre 192.0.2.1 192.0.2.2 inherit 0 null null true");
        assertThat((List<?>) answer.get("processes")).hasSize(2);

        assertThat(stats(cable.left()).stdout())
                .contains("    pid " + left.pid() + ", netns " + cable.left() + ", up ")
                .contains("    pid " + right.pid() + ", netns " + cable.right() + ", up ")
                .contains("pid " + right.pid() + ", netns " + cable.right() + ": lane/0: ");

        right.signal("STOP");
        Outcome oneStopped = stats(cable.left());
        right.signal("CONT");
        assertThat(oneStopped.exitStatus()).isEqualTo(1);
        assertThat(oneStopped.stdout()).contains("pid " + left.pid() + ",");
        assertThat(oneStopped.stderr())
                .isEqualTo("culvert: %s: no answer in time%n".formatted(socketOf(right)));
    }

    private static String fields(Map<?, ?> tunnel, String names) {
        return Stream.of(names.split(" "))
                .map(name -> at(tunnel, name))
                .collect(Collectors.joining(" "));
    }

    @Test
    void aDirectoryThatCannotBeMadeCostsTheSocketAlone() {
        CulvertProcess.run(cable.right(), "tun0", PEER_WORDS.substring("tun0 ".length()));
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.addAll(List.of("run", "--control", "/proc/nothing/here"));
        command.addAll(List.of(WORDS.split(" ")));
        BackgroundProcess culvert = cable.left().start(command.toArray(String[]::new));
        culvert.awaitLine(
                culvert.stderr(), 0, line -> line.contains("no control socket"), PATIENCE);
        assertThat(Pinging.answers(cable.left(), "198.51.100.2")).isTrue();

        Outcome end = culvert.end("TERM");
        assertThat(end.exitStatus()).isZero();
        assertThat(end.stderr().lines()).hasSize(1);
        assertThat(end.stderr())
                .startsWith("culvert: no control socket, so culvert stats and trace cannot attach:")
                .contains("/proc/nothing/here", "--control DIR");
    }
}

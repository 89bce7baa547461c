package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.capture.CaptureFile;
import io.culvert.json.Json;
import io.culvert.observe.CapturedPacket;
import io.culvert.peers.BackgroundProcess;
import io.culvert.peers.CulvertProcess;
import io.culvert.peers.NamespaceThread;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pcap4j.core.PcapHandle;

/** {@code culvert capture} on a cable over which a kernel's tunnel packets of all kinds go. */
@NeedsRoot
final class LiveCaptureTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> WITHOUT_TIMES =
            List.of("packets-per-second", "bits-per-second", "first", "last");

    @Test
    void everyKindOfTunnelIsSeenAsInAFile() throws Exception {
        try (NetworkNamespace host = host()) {
            BackgroundProcess capture = capture(host, "v1", "--json", "-c", "231");
            inject(host, Long.MAX_VALUE);
            Outcome end = capture.awaitEnd(PATIENCE).orThrow();

            Map<?, ?> live = (Map<?, ?>) Json.read(end.stdout());
            assertThat(tunnels(live)).isEqualTo(tunnels(readFile())).hasSize(25);
            assertThat(live.get("tunnelled")).hasToString("231");
            assertThat(live.get("dropped-by-kernel")).hasToString("0");
            assertThat(end.stderr()).hasLineCount(1);
        }
    }

    @Test
    void aSignalEndsItWithTheTable() throws Exception {
        try (NetworkNamespace host = host()) {
            BackgroundProcess capture = capture(host, "v1", "-v", "proto", "47");
            inject(host, 30);
            capture.awaitLine(
                    capture.stdout(), 0, line -> line.contains("gre csum | fd00:9::2"), PATIENCE);
            Outcome end = capture.end("INT").orThrow();

            assertThat(end.stdout())
                    .contains("\nTUNNEL ", "\n0 packets dropped by the kernel\n")
                    .doesNotContain("fou", "\u001b");
        }
    }

    @Test
    void anIdleInterfaceDoesNotKeepItFromEnding() {
        try (NetworkNamespace host = host()) {
            Outcome signalled = capture(host, "v1").end("INT").orThrow();
            Outcome timed = capture(host, "v1", "--seconds", "1").awaitEnd(PATIENCE).orThrow();

            assertThat(signalled.stdout()).contains("0 packets, 0 of them tunnelled");
            assertThat(timed.stdout()).isEqualTo(signalled.stdout());
        }
    }

    @Test
    void anInterfaceThatIsNotThereIsStatus69() {
        try (NetworkNamespace host = host()) {
            List<String> command = new ArrayList<>(CulvertProcess.java());
            command.addAll(List.of("capture", "eth9"));

            Outcome end = host.attempt(command.toArray(String[]::new));

            assertThat(end.exitStatus()).isEqualTo(69);
            assertThat(end.stderr())
                    .isEqualTo(
                            "culvert: cannot capture on eth9: No such device exists; the"
                                    + " interfaces are in \"ip link\"\n");
            assertThat(end.stdout()).isEmpty();
        }
    }

    private static NetworkNamespace host() {
        NetworkNamespace host = NetworkNamespace.create("capture");
        host.exec("sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
        host.run("ip link add v0 type veth peer name v1");
        host.run("ip link set v0 up");
        host.run("ip link set v1 up");
        return host;
    }

    private static BackgroundProcess capture(NetworkNamespace host, String... words) {
        List<String> command = new ArrayList<>(CulvertProcess.java());
        command.add("capture");
        command.addAll(List.of(words));
        BackgroundProcess capture = host.start(command.toArray(String[]::new));
        capture.awaitLine(capture.stderr(), 0, line -> line.contains("listening on v1"), PATIENCE);
        return capture;
    }

    private static void inject(NetworkNamespace host, long most) throws Exception {
        NamespaceThread.call(
                host,
                () -> {
                    try (PcapHandle cable = new PcapHandle.Builder("v0").snaplen(65_535).build();
                            CaptureFile file = vectors()) {
                        long sent = 0;
                        CapturedPacket packet = file.next();
                        while (packet != null && sent++ < most) {
                            byte[] frame = new byte[packet.capturedBytes()];
                            packet.bytes().get(frame);
                            cable.sendPacket(frame);
                            packet = file.next();
                        }
                    }
                    return null;
                });
    }

    private static CaptureFile vectors() throws IOException {
        InputStream in = LiveCaptureTest.class.getResourceAsStream("kernel-tunnels.pcap");
        return CaptureFile.read("kernel-tunnels.pcap", in);
    }

    private static Map<?, ?> readFile() throws IOException {
        java.nio.file.Path file = java.nio.file.Files.createTempFile("vectors", ".pcap");
        try (InputStream in = LiveCaptureTest.class.getResourceAsStream("kernel-tunnels.pcap")) {
            java.nio.file.Files.write(file, in.readAllBytes());
            StringWriter out = new StringWriter();
            Culvert.run(
                    List.of("capture", "-r", file.toString(), "--json"),
                    new PrintWriter(out),
                    new PrintWriter(new StringWriter()),
                    (configs, options) -> null);
            return (Map<?, ?>) Json.read(out.toString());
        } finally {
            java.nio.file.Files.delete(file);
        }
    }

    private static List<?> tunnels(Map<?, ?> answer) {
        List<?> tunnels = (List<?>) answer.get("tunnels");
        tunnels.forEach(tunnel -> ((Map<?, ?>) tunnel).keySet().removeAll(WITHOUT_TIMES));
        return tunnels;
    }
}

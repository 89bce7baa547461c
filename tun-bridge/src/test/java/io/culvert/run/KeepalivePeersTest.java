package io.culvert.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.peers.CulvertProcess;
import io.culvert.peers.CulvertSummary;
import io.culvert.peers.NeedsRoot;
import io.culvert.peers.NetworkNamespace;
import io.culvert.peers.Outcome;
import io.culvert.peers.PacketCapture;
import io.culvert.peers.UserModeLinux;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Keepalives with ends that nobody here wrote: a Linux kernel that answers, and scapy that asks.
 */
@Timeout(90)
class KeepalivePeersTest {
    @Test
    @NeedsRoot(programs = {"linux.uml", "perl", "tcpdump", "ping"})
    void aKernelAnswersByForwarding() {
        try (NetworkNamespace host = NetworkNamespace.create("host");
                UserModeLinux kernel = UserModeLinux.boot(host, "tap0")) {
            host.address("tap0", "192.0.2.1/24");
            kernel.exec(
                    """
                    set -e
                    ip addr add 192.0.2.2/24 dev eth0
                    ip link set eth0 up
                    ip tunnel add gre1 mode gre local 192.0.2.2 remote 192.0.2.1 key 7 ttl 64
                    ip addr add 198.51.100.2/30 dev gre1
                    ip link set gre1 up
                    echo 1 >/proc/sys/net/ipv4/ip_forward
                    echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter
                    echo 0 >/proc/sys/net/ipv4/conf/gre1/rp_filter
                    """);
            CulvertProcess culvert =
                    CulvertProcess.run(
                            host,
                            "cvt0",
                            "mode gre local 192.0.2.1 remote 192.0.2.2 key 7"
                                    + " address 198.51.100.1/30 keepalive 0.2 keepalive-carrier");
            // as it comes, a kernel drops them: they have an address of its own as the source
            culvert.awaitComplaint(0, line -> line.endsWith(": gone; no carrier"));
            PacketCapture capture = PacketCapture.start(host, "tap0");
            kernel.exec("echo 1 >/proc/sys/net/ipv4/conf/gre1/accept_local");
            culvert.awaitComplaint(0, line -> line.contains(" answers keepalives"));
            long before = culvert.summary().keepalivesIn();
            culvert.awaitSummary("cvt0", s -> s.keepalivesIn() >= before + 3);
            host.run("ping -n -c 2 -i 0.2 198.51.100.2");
            capture.stop();
            assertThat(capture.decodeVerbosely("src 192.0.2.2 and ip[6:2] & 0x3fff = 0"))
                    .anyMatch(line -> line.contains("tos 0xc0, ttl 254"));

            Outcome end = culvert.end("TERM");
            CulvertSummary summary = CulvertProcess.lastSummary("cvt0", end);
            assertThat(summary.packetsIn()).isEqualTo(2);
            assertThat(summary.drops()).isEmpty();
            assertThat(summary.packetsRead())
                    .isEqualTo(summary.packetsIn() + summary.keepalivesIn());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ipip", "sit"})
    @NeedsRoot(programs = {"linux.uml", "perl"})
    void aKernelsHostAnswersEchoes(String mode) {
        boolean isIpv6 = mode.equals("sit");
        String inner = isIpv6 ? "2001:db8::" : "198.51.100.";
        try (NetworkNamespace host = NetworkNamespace.create("host");
                UserModeLinux kernel = UserModeLinux.boot(host, "tap0")) {
            host.address("tap0", "192.0.2.1/24");
            kernel.exec(
                    """
                    set -e
                    ip addr add 192.0.2.2/24 dev eth0
                    ip link set eth0 up
                    ip tunnel add kernel0 mode %s local 192.0.2.2 remote 192.0.2.1 ttl 64
                    ip link set kernel0 up
                    ip addr add %s2 peer %s1 dev kernel0
                    """
                            .formatted(mode, inner, inner));
            CulvertProcess culvert =
                    CulvertProcess.run(
                            host,
                            "cvt0",
                            "mode %s local 192.0.2.1 remote 192.0.2.2 address %s1 peer %s2"
                                            .formatted(mode, inner, inner)
                                    + " keepalive 0.2");
            culvert.awaitComplaint(0, line -> line.contains(" answers keepalives"));
            CulvertSummary summary = culvert.awaitSummary("cvt0", s -> s.keepalivesIn() >= 3);
            assertThat(summary.drops().keySet()).isSubsetOf("payload-not-carried");
            kernel.exec("ip link set kernel0 down");
            culvert.awaitComplaint(0, line -> line.endsWith(": gone"));
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "7"})
    @NeedsRoot(programs = {"scapy", "tcpdump"})
    void scapysKeepalivesAreAnswered(int key) throws IOException {
        try (Cable cable = new Cable()) {
            CulvertProcess culvert =
                    CulvertProcess.run(
                            cable.left(),
                            "cvt0",
                            "mode gre remote 192.0.2.2 " + (key == 0 ? "" : "key " + key));
            Path script = Files.createTempFile(Path.of("target"), "keepalive", ".py");
            try (InputStream resource = getClass().getResourceAsStream("keepalive.py")) {
                Files.write(script, Objects.requireNonNull(resource).readAllBytes());
            }
            Outcome asked =
                    cable.right()
                            .exec(
                                    "/usr/bin/python3",
                                    script.toAbsolutePath().toString(),
                                    Integer.toString(key));
            String gre = key == 0 ? "00000000" : "2000000000000007";
            String text = "4b656570616c697665205265717565737420666f72206772652074657374";
            assertThat(asked.stdout().lines().map(KeepalivePeersTest::withoutChecksum))
                    .containsExactlyInAnyOrder(
                            "45c0%04x01000000fe2fc0000201c0000202".formatted(20 + gre.length() / 2)
                                    + gre,
                            "4500%04x010100003f2fc0000201c0000202"
                                            .formatted(20 + gre.length() / 2 + 30)
                                    + gre
                                    + text);
            CulvertSummary summary = culvert.awaitSummary("cvt0", s -> s.keepalivesIn() == 2);
            assertThat(summary.drops()).isEqualTo(Map.of());
            assertThat(summary.packetsIn()).isZero();
            assertThat(culvert.complaints()).isEmpty();
        }
    }

    private static String withoutChecksum(String packetHex) {
        return packetHex.substring(0, 20) + packetHex.substring(24);
    }
}

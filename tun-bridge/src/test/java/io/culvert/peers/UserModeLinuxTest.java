package io.culvert.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The fixture itself: two real kernels whose tunnels meet, with nothing of ours between them. */
@NeedsRoot(programs = {"linux.uml", "perl", "ping", "tcpdump"})
@Timeout(120)
class UserModeLinuxTest {
    @Test
    void twoKernelsReachEachOtherThroughTheirGreTunnel() {
        try (NetworkNamespace wire = NetworkNamespace.create("wire");
                UserModeLinux left = UserModeLinux.boot(wire, "left");
                UserModeLinux right = UserModeLinux.boot(wire, "right")) {
            wire.run("ip link add bridge type bridge");
            wire.run("ip link set left master bridge");
            wire.run("ip link set right master bridge");
            wire.run("ip link set bridge up");
            endOfTunnel(left, "192.0.2.1", "192.0.2.2", "198.51.100.1/30");
            endOfTunnel(right, "192.0.2.2", "192.0.2.1", "198.51.100.2/30");

            PacketCapture capture = PacketCapture.start(wire, "left");
            ThreePings.assertAllAnswered(left.exec(ThreePings.command("198.51.100.2", "-s 4000")));
            capture.stop();

            assertThat(capture.decode("ip proto 47")).hasSizeGreaterThanOrEqualTo(18);
            assertThat(capture.decodeVerbosely("ip proto 47"))
                    .anyMatch(
                            line ->
                                    line.contains(
                                            "checksum present, key present, sequence# present"))
                    .noneMatch(line -> line.contains("bad cksum"));
            assertThat(capture.decode("icmp")).isEmpty();
        }
    }

    @Test
    void theGuestReportsStatusAndBothStreamsAndSharesADirectory() throws IOException {
        try (NetworkNamespace host = NetworkNamespace.create("host");
                UserModeLinux guest = UserModeLinux.boot(host, "tap0")) {
            Outcome outcome = guest.attempt("echo 'to stdout'; echo to stderr >&2; exit 3");
            assertThat(outcome.exitStatus()).isEqualTo(3);
            assertThat(outcome.stdout()).isEqualTo("to stdout\n");
            assertThat(outcome.stderr()).isEqualTo("to stderr\n");

            guest.exec("echo from the guest >/mnt/note");
            Path note = guest.scratch().resolve("note");
            assertThat(note).hasContent("from the guest\n");
            assertThat(guest.attempt("touch " + note + "2").succeeded())
                    .as("the host's own files are read-only")
                    .isFalse();
            Files.delete(note);
        }
    }

    private static void endOfTunnel(
            UserModeLinux guest, String local, String remote, String inner) {
        guest.exec(
                """
                set -e
                ip addr add %s/24 dev eth0
                ip link set eth0 up
                ip tunnel add gre1 mode gre local %s remote %s ttl 64 key 7 csum seq
                ip addr add %s dev gre1
                ip link set gre1 up
                """
                        .formatted(local, local, remote, inner));
    }
}

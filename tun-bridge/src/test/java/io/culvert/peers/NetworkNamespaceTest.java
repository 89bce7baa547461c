package io.culvert.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NeedsRoot(programs = "ping")
@Timeout(60)
class NetworkNamespaceTest {
    @Test
    void twoNamespacesOnACableReachEachOther() {
        try (NetworkNamespace left = NetworkNamespace.create("left");
                NetworkNamespace right = NetworkNamespace.create("right")) {
            NetworkNamespace.connect(left, "eth0", right, "eth0");
            left.address("eth0", "192.0.2.1/24");
            right.address("eth0", "192.0.2.2/24");
            left.address("eth0", "2001:db8::1/64");
            right.address("eth0", "2001:db8::2/64");

            assertThat(left.run("ping -c 1 -W 5 192.0.2.2").stdout()).contains("1 received");
            assertThat(right.run("ping -c 1 -W 5 2001:db8::1").stdout()).contains("1 received");
        }
    }

    @Test
    void aFailingCommandThrowsWithWhatItWrote() {
        try (NetworkNamespace host = NetworkNamespace.create("host")) {
            assertThatThrownBy(() -> host.exec("sh", "-c", "echo so far; echo and why >&2; exit 7"))
                    .hasMessageContainingAll("exit status 7", "so far", "and why");
            assertThat(host.attempt("false").exitStatus()).isOne();
        }
    }

    @Test
    void closingEndsEveryProcessAndDeletesTheNamespace() {
        BackgroundProcess shell;
        String child;
        Path handle;
        try (NetworkNamespace host = NetworkNamespace.create("host")) {
            handle = Path.of("/run/netns", host.name());
            assertThat(handle).exists();
            shell = host.start("sh", "-c", "sleep 1000 & echo child $!; wait");
            child =
                    shell.awaitLine(
                            shell.stdout(),
                            0,
                            line -> line.startsWith("child "),
                            Duration.ofSeconds(5));
            assertThat(shell.isAlive()).isTrue();
        }
        assertThat(shell.isAlive()).isFalse();
        assertThat(isRunning(child.substring("child ".length()))).isFalse();
        assertThat(handle).doesNotExist();
    }

    @Test
    void aProcessThatWritesNothingIsWaitedForOnlySoLong() {
        try (NetworkNamespace host = NetworkNamespace.create("host")) {
            BackgroundProcess silent = host.start("sh", "-c", "echo other; exec sleep 1000");
            assertThatThrownBy(
                            () ->
                                    silent.awaitLine(
                                            silent.stdout(),
                                            0,
                                            "awaited"::equals,
                                            Duration.ofMillis(200)))
                    .hasMessageContainingAll("did not come", "other");
            assertThat(silent.end("TERM").exitStatus()).isEqualTo(128 + 15);
        }
    }

    /** Returns false for a zombie, too: who inherits it may take a while to notice. */
    private static boolean isRunning(String pid) {
        try {
            return !Files.readString(Path.of("/proc", pid, "stat")).contains(") Z ");
        } catch (java.io.IOException e) {
            return false;
        }
    }
}

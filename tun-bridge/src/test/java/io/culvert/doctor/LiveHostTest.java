package io.culvert.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LiveHostTest {
    private final LiveHost host = new LiveHost();

    @AfterEach
    void close() {
        host.close();
    }

    @Test
    void aNumberOfSeveralDigitsIsReadWhole() {
        // the kernel's own limit, 4194304 at most and 32768 by default
        assertThat(Sysctl.number(host, "kernel/pid_max").orElseThrow()).isGreaterThan(300);
    }

    @Test
    void whatIsNotThereIsAbsent() {
        assertThat(host.text("/proc/sys/net/ipv4/no_such_key")).isEmpty();
        assertThat(host.exists("/proc/sys/net/ipv4/no_such_key")).isFalse();
        assertThat(host.openError("/dev/no_such_device")).isEqualTo(Errno.ENOENT);
        assertThat(host.run("no-such-program-at-all")).isEmpty();
        assertThat(Sysctl.number(host, "net/ipv4/no_such_key")).isEmpty();
    }

    @Test
    void aProgramsStatusAndOutputAreKept() {
        ProgramOutput output = host.run("sh", "-c", "echo out; echo err >&2; exit 3").orElseThrow();

        assertThat(output).isEqualTo(new ProgramOutput(3, "out\n", "err\n"));
        assertThat(output.complaint()).isEqualTo("err");
    }

    @Test
    void theLoopbackDeviceIsListed() {
        assertThat(host.links()).anyMatch(link -> link.name().equals("lo"));
    }
}

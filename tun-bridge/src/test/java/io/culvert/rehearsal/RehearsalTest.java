package io.culvert.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.TunnelWords;
import io.culvert.spec.TunnelSpec;
import java.io.File;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The packet path, played through in memory; it needs no rights. */
@Timeout(120)
class RehearsalTest {
    private static final int ROUNDS = 8_000;

    /** A second or two where the machine is idle. */
    private static final long PATIENCE_NANOS = 100_000_000_000L;

    private static TunnelSpec spec(String words) {
        String line = "tun0 remote 198.51.100.9 mode " + words;
        return TunnelWords.parse(List.of(line.split(" "))).spec();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gre",
                "gre ikey 1 okey 2 csum seq",
                "ipip",
                "sit",
                "sit any",
                "gre dev eth9"
            })
    void packetsOfEveryKindOfTunnelArrive(String words) throws InterruptedException {
        int descriptorsBefore = openDescriptors();
        try (Rehearsal rehearsal = Rehearsal.begin(spec(words), () -> {}, PATIENCE_NANOS)) {
            rehearsal.await();
            assertThat(rehearsal.deliveredPackets()).isGreaterThan(4 * ROUNDS);
        }
        assertThat(openDescriptors()).isEqualTo(descriptorsBefore);
    }

    @Test
    void aTunnelThatEndsDoesNotWaitForIt() throws InterruptedException {
        Rehearsal rehearsal = Rehearsal.begin(spec("gre"));
        rehearsal.close();
        rehearsal.await();
        assertThat(rehearsal.deliveredPackets()).isLessThan(4 * ROUNDS);
    }

    /** Once more than a first time, after which the JVM keeps some open for itself. */
    private static int openDescriptors() throws InterruptedException {
        Rehearsal first = Rehearsal.begin(spec("gre"));
        first.close();
        first.await();
        return new File("/proc/self/fd").list().length;
    }
}

package io.culvert.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel shows of the raw sockets of a process's namespace: {@code /proc/PID/net/raw}. */
final class RawSockets {
    private static final int QUEUES = 4; // tx_queue:rx_queue, in hexadecimal

    private RawSockets() {}

    /** Bytes of memory that wait in all the sockets' receive buffers. */
    static long waitingBytes(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "net", "raw")).stream()
                    .skip(1)
                    .map(line -> line.strip().split("\\s+")[QUEUES])
                    .mapToLong(queues -> Long.parseLong(queues.split(":")[1], 16))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read raw sockets of process " + pid, e);
        }
    }
}

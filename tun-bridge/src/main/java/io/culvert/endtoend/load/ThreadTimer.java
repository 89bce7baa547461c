package io.culvert.endtoend.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** Waits for a moment more exactly than a thread usually may. One per thread. */
final class ThreadTimer {
    /** How long before the moment we stop to sleep: a wake-up takes about as long. */
    private static final long SPIN_NANOS = 30_000;

    private ThreadTimer() {}

    /**
     * Takes from the calling thread the 50 us by which the kernel may delay its wake-ups to save
     * power. Without the right to do so, waits are as exact as spinning makes them.
     */
    static void sharpen() {
        try {
            // /proc/self/task has no such file, but every thread is a directory of /proc itself
            Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self"));
            Files.writeString(
                    Path.of("/proc", thread.getFileName().toString(), "timerslack_ns"), "1");
        } catch (IOException e) {
            return;
        }
    }

    /** Waits until {@link System#nanoTime()} is {@code nanos}: asleep at first, then awake. */
    static void awaitNanos(long nanos) {
        long left = nanos - System.nanoTime();
        while (left > 0) {
            if (left > 2 * SPIN_NANOS) {
                LockSupport.parkNanos(left - SPIN_NANOS);
            } else {
                Thread.onSpinWait();
            }
            left = nanos - System.nanoTime();
        }
    }
}

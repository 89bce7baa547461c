package io.culvert.device;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Measures what a piece of code allocates on the heap once it is compiled. */
final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WARM_UP_RUNS = 20_000;
    private static final int RUNS = 1_000;

    private Allocation() {}

    /** Bytes that 1,000 runs allocate in this thread, after 20,000 to warm up. */
    static long bytesOf(Runnable code) {
        for (int i = 0; i < WARM_UP_RUNS; i++) {
            code.run();
        }
        THREADS.getCurrentThreadAllocatedBytes();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < RUNS; i++) {
            code.run();
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}

package io.culvert.loop;

import com.sun.management.ThreadMXBean;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.IntConsumer;

/**
 * Measures cases in turn, round after round, on a thread such as lanes have: Netty recycles what it
 * needs for a write on threads of its own kind only.
 */
public final class LoopRun {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final List<LoopLane> lanes = new ArrayList<>();
    private final List<LoopMeasured> results = new ArrayList<>();
    private volatile boolean isEnding;

    public LoopRun(List<LoopCase> cases) {
        for (LoopCase loopCase : cases) {
            lanes.add(new LoopLane(loopCase));
            results.add(new LoopMeasured(loopCase));
        }
    }

    /** Ends the run after the turn that goes on; any thread. */
    public void end() {
        isEnding = true;
    }

    /**
     * Warms up, then measures; the results of the turns that there were.
     *
     * @param rounds how often each case has its turn
     * @param turn how long a turn is; a warm-up is as long
     * @param progress is told each round as it begins, 0 for the warm-up
     */
    public List<LoopMeasured> run(int rounds, Duration turn, IntConsumer progress)
            throws InterruptedException {
        FutureTask<Void> task = new FutureTask<>(() -> runHere(rounds, turn, progress), null);
        Thread thread = new FastThreadLocalThread(task, "culvert-loop");
        thread.setDaemon(true);
        thread.start();
        try {
            task.get();
            return results;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the loop broke off", e.getCause());
        }
    }

    private void runHere(int rounds, Duration turn, IntConsumer progress) {
        for (int round = 0; round <= rounds && !isEnding; round++) {
            progress.accept(round);
            for (int i = 0; i < lanes.size() && !isEnding; i++) {
                turn(lanes.get(i), turn.toNanos(), round == 0 ? null : results.get(i));
            }
        }
    }

    private static void turn(LoopLane lane, long turnNanos, LoopMeasured measured) {
        long deliveredBefore = lane.deliveredPackets();
        long allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
        long packets = 0;
        long encapsulating = 0;
        long decapsulating = 0;
        while (encapsulating + decapsulating < turnNanos) {
            long begin = System.nanoTime();
            lane.encapsulate();
            long middle = System.nanoTime();
            lane.decapsulate();
            long end = System.nanoTime();
            encapsulating += middle - begin;
            decapsulating += end - middle;
            packets += LoopLane.BATCH;
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore;
        if (measured != null) {
            measured.add(
                    (double) encapsulating / packets,
                    (double) decapsulating / packets,
                    (double) allocated / packets);
            measured.addLost(packets - (lane.deliveredPackets() - deliveredBefore));
        }
    }
}

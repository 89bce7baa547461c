package io.culvert.offload;

import io.culvert.packet.PacketBatch;
import java.util.Arrays;

/**
 * The runs of one batch, and the latest of each flow.
 *
 * <p>Open addressing over twice as many places as there are runs; nothing is ever removed but all
 * at once, so that a probe ends at the first empty place.
 */
final class FlowTable {
    /** As many as a batch has packets. */
    static final int RUNS = 128;

    private static final int PLACES = 2 * RUNS;

    private final Run[] runs = new Run[RUNS];
    private final Run[] latest = new Run[PLACES];
    private int runCount;
    private Run found;

    FlowTable() {
        Arrays.setAll(runs, i -> new Run());
    }

    /** The latest run of the segment's flow, or null; to be asked about every segment in turn. */
    Run find(Segment segment) {
        if (found == null || !segment.isLikeLast()) {
            found = latest[placeOf(segment)];
        }
        return found;
    }

    /** Starts a run, the latest of its flow from now on. */
    void start(PacketBatch batch, int slot, Segment segment) {
        if (runCount == RUNS) {
            finish(batch);
        }
        Run run = runs[runCount++];
        run.start(batch, slot, segment.isEthernet());
        latest[placeOf(segment)] = run;
        found = run;
    }

    /** Lets nothing be joined to what is there so far. */
    void endAll() {
        for (int i = 0; i < runCount; i++) {
            runs[i].end();
        }
    }

    /** Completes all runs and forgets them. */
    void finish(PacketBatch batch) {
        for (int i = 0; i < runCount; i++) {
            runs[i].finish(batch);
        }
        if (runCount > 0) {
            runCount = 0;
            found = null;
            Arrays.fill(latest, null);
        }
    }

    private int placeOf(Segment segment) {
        int place = segment.flowHash() & PLACES - 1;
        while (latest[place] != null && !latest[place].isOfFlow(segment)) {
            place = place + 1 & PLACES - 1;
        }
        return place;
    }
}

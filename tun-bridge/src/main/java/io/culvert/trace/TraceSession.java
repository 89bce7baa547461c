package io.culvert.trace;

import io.culvert.attach.AnswerStream;
import io.culvert.control.TraceHeader;
import io.culvert.observe.TraceRecord;
import io.culvert.trace.TraceReceiver.Chunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** One trace from its first packet to its totals. */
public final class TraceSession {
    /**
     * Who stops a trace is shown what came until then: milliseconds' worth, but for a flood on a
     * slow terminal, where nobody wants to see the rest.
     */
    private static final Duration LAST_SHOWING = Duration.ofSeconds(2);

    /** A culvert that is stopped never ends the trace; one that is busy may take its time. */
    private static final Duration LAST_WAIT = Duration.ofSeconds(5);

    private static final int IDLE_MILLIS = 100;

    private final TraceReceiver receiver;
    private final TraceHeader header;
    private final TraceFilter filter;
    private final TraceSink sink;
    private final TraceRecord record = new TraceRecord();
    private final TraceTally tally;
    private final long most;
    private boolean isWhole;
    private String complaint = "";
    private volatile boolean isStopped;
    private volatile long stoppedNanos;

    /**
     * @param stream of the running culvert's answer
     * @param sampleOneIn what it was asked for
     * @param most how many packets to show before ending; 0 for all that come
     */
    public TraceSession(
            AnswerStream stream, TraceFilter filter, TraceSink sink, int sampleOneIn, long most) {
        this.receiver = new TraceReceiver(stream);
        this.header = TraceHeader.of(stream.header());
        this.filter = filter;
        this.sink = sink;
        this.most = most;
        this.tally = new TraceTally(header.lanes(), sampleOneIn);
    }

    /**
     * Shows packets until there were as many as wanted, {@link #stop}, or the tunnels' end.
     *
     * @throws IOException when they cannot be shown
     */
    public void run() throws IOException, InterruptedException {
        receiver.start();
        try {
            boolean isOver = false;
            while (!isOver && !hasEnough()) {
                boolean isLast = receiver.hasEnded() || isAbandoned();
                Chunk chunk = receiver.next(isLast ? 0 : IDLE_MILLIS);
                if (chunk != null) {
                    tally.skip(chunk.skippedBefore());
                    takeAll(chunk.records());
                    sink.flush();
                }
                isOver = chunk == null && isLast;
            }
            isWhole = isOver && receiver.isCountedToTheEnd();
            if (isWhole) {
                tally.skip(receiver.skippedLast());
            }
            sink.end(totals());
        } finally {
            receiver.close();
        }
    }

    /** Ends {@link #run} soon, with what has come until now; any thread. */
    public void stop() {
        stoppedNanos = System.nanoTime();
        isStopped = true;
        receiver.finish();
    }

    /** Why the trace ended, where nobody {@link #stop stopped} it in order; empty otherwise. */
    public String ending() {
        return complaint.isEmpty() ? receiver.ending() : complaint;
    }

    /** What became of the packets; of all of them, if the running culvert has ended in order. */
    public TraceTotals totals() {
        return tally.totals(receiver.counts(), isWhole);
    }

    private boolean hasEnough() {
        return most > 0 && tally.shown() == most;
    }

    private boolean isStoppedFor(Duration time) {
        return isStopped && System.nanoTime() - stoppedNanos > time.toNanos();
    }

    /** Whether the other end was waited for in vain; then it is waited for no more. */
    private boolean isAbandoned() {
        if (!isStoppedFor(LAST_WAIT)) {
            return false;
        }
        receiver.close();
        complaint =
                "the running culvert did not end the trace in "
                        + LAST_WAIT.toSeconds()
                        + " seconds: what it skipped last is not known";
        return true;
    }

    private void takeAll(ByteBuffer records) throws IOException {
        int at = 0;
        while (at < records.limit() && !hasEnough()) {
            if (!record.wrap(records, at).isValid(records.limit() - at)) {
                tally.refuseMalformed();
                return;
            }
            at += record.lengthBytes();
            tally.take(record);
            if (isStoppedFor(LAST_SHOWING)) {
                tally.skip(1);
            } else {
                show(TracedPacket.of(record, header));
            }
        }
    }

    private void show(TracedPacket packet) throws IOException {
        if (filter.passes(packet)) {
            sink.show(packet);
            tally.show();
        } else {
            tally.filterOut();
        }
    }
}

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
    private static final Patience USUAL_PATIENCE =
            new Patience(Duration.ofSeconds(2), Duration.ofSeconds(5));
    private static final int IDLE_MILLIS = 100;

    private final TraceReceiver receiver;
    private final TraceHeader header;
    private final TraceFilter filter;
    private final TraceSink sink;
    private final TraceRecord record = new TraceRecord();
    private final TraceTally tally;
    private final long most;
    private final Patience patience;
    private boolean isWhole;
    private volatile boolean isStopped;
    private volatile boolean isAbandoned;
    private volatile long stoppedNanos;

    /**
     * For how long a trace goes on that was stopped.
     *
     * @param showing what came until the stop: milliseconds' worth, but for a flood on a slow
     *     terminal, where nobody wants to see the rest
     * @param waiting for the running culvert: one that is suspended never ends the trace, one that
     *     is busy may take its time
     */
    record Patience(Duration showing, Duration waiting) {}

    /**
     * @param stream of the running culvert's answer
     * @param sampleOneIn what it was asked for
     * @param most how many packets to show before ending; 0 for all that come
     */
    public TraceSession(
            AnswerStream stream, TraceFilter filter, TraceSink sink, int sampleOneIn, long most) {
        this(stream, filter, sink, sampleOneIn, most, USUAL_PATIENCE);
    }

    TraceSession(
            AnswerStream stream,
            TraceFilter filter,
            TraceSink sink,
            int sampleOneIn,
            long most,
            Patience patience) {
        this.receiver = new TraceReceiver(stream);
        this.header = TraceHeader.of(stream.header());
        this.filter = filter;
        this.sink = sink;
        this.most = most;
        this.patience = patience;
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
                if (isStoppedFor(patience.waiting())) {
                    abandon();
                }
                boolean isLast = receiver.hasEnded() || isAbandoned;
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

    /**
     * Ends {@link #run} soon, with what has come until now. Once is enough: who asks again does not
     * make it wait for longer. Any thread.
     */
    public void stop() {
        synchronized (this) {
            if (isStopped) {
                return;
            }
            stoppedNanos = System.nanoTime();
            isStopped = true;
        }
        receiver.finish();
    }

    /** Ends {@link #run} without waiting for the running culvert, or showing more; any thread. */
    public void abandon() {
        isAbandoned = true;
        receiver.close();
    }

    /** Why the trace ended, where nobody {@link #stop stopped} it in order; empty otherwise. */
    public String ending() {
        return isAbandoned && !isWhole
                ? "the running culvert has not ended the trace: what it skipped last is not known"
                : receiver.ending();
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

    private void takeAll(ByteBuffer records) throws IOException {
        int at = 0;
        while (at < records.limit() && !hasEnough()) {
            if (!record.wrap(records, at).isValid(records.limit() - at)) {
                tally.refuseMalformed();
                return;
            }
            at += record.lengthBytes();
            tally.take(record);
            if (isAbandoned || isStoppedFor(patience.showing())) {
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

package io.culvert.trace;

import io.culvert.attach.AnswerStream;
import io.culvert.control.TraceHeader;
import io.culvert.observe.TraceRecord;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One trace from its first packet to its totals. */
public final class TraceSession {
    private static final int IDLE_MILLIS = 100;

    private final TraceReceiver receiver;
    private final TraceHeader header;
    private final TraceFilter filter;
    private final TraceSink sink;
    private final TraceRecord record = new TraceRecord();
    private final long[] lastNumbers;
    private final int sampleOneIn;
    private final long most;
    private long read;
    private long shown;
    private long filtered;
    private long malformed;
    private volatile boolean isStopped;

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
        this.sampleOneIn = sampleOneIn;
        this.most = most;
        this.lastNumbers = new long[Math.max(1, header.lanes())];
    }

    /**
     * Shows packets until there were as many as wanted, {@link #stop}, or the tunnels' end.
     *
     * @throws IOException when they cannot be shown
     */
    public void run() throws IOException, InterruptedException {
        receiver.start();
        try {
            while (!isStopped) {
                boolean wasLast = receiver.hasEnded();
                ByteBuffer chunk = receiver.next(wasLast ? 0 : IDLE_MILLIS);
                if (chunk != null) {
                    showAll(chunk);
                    sink.flush();
                } else if (wasLast) {
                    break;
                }
            }
            sink.end(totals());
        } finally {
            receiver.close();
        }
    }

    /** Ends {@link #run} soon; any thread. */
    public void stop() {
        isStopped = true;
    }

    /** Why the running culvert ended the trace; empty when it did not. */
    public String ending() {
        return receiver.ending();
    }

    private void showAll(ByteBuffer chunk) throws IOException {
        int at = 0;
        while (at < chunk.limit() && !isStopped) {
            if (!record.wrap(chunk, at).isValid(chunk.limit() - at)) {
                malformed++;
                return;
            }
            at += record.lengthBytes();
            read++;
            if (record.lane() >= 0 && record.lane() < lastNumbers.length) {
                lastNumbers[record.lane()] = record.number();
            }
            show(TracedPacket.of(record, header));
        }
    }

    private void show(TracedPacket packet) throws IOException {
        if (!filter.passes(packet)) {
            filtered++;
            return;
        }
        sink.show(packet);
        shown++;
        isStopped |= shown == most;
    }

    /**
     * What became of the packets so far. The tunnel's own counts are up to a second old; the
     * numbers of the packets are newer.
     */
    public TraceTotals totals() {
        long numbered = 0;
        for (long number : lastNumbers) {
            numbered += number;
        }
        long seen = Math.max(numbered, receiver.seen());
        long skippedHere = receiver.skippedHere();
        long skippedByTunnel = receiver.skippedByTunnel();
        if (sampleOneIn == 1) {
            skippedByTunnel = Math.max(skippedByTunnel, numbered - read - skippedHere);
        }
        long sampledOut =
                sampleOneIn == 1 ? 0 : Math.max(0, seen - read - skippedHere - skippedByTunnel);
        return new TraceTotals(
                seen, shown, filtered, sampledOut, skippedByTunnel, skippedHere, malformed);
    }
}

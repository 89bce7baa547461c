package io.culvert.trace;

import io.culvert.attach.AnswerStream;
import io.culvert.attach.AttachException;
import io.culvert.control.TraceFeed;
import io.culvert.observe.TraceRecord;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads a trace as fast as it comes, on a thread of its own: a terminal that is stopped must not
 * keep the tunnel from being read. What waits is bounded; what does not fit is counted.
 */
final class TraceReceiver implements AutoCloseable {
    private static final int MOST_CHUNK_BYTES = 256 * 1024;
    private static final int MOST_WAITING_CHUNKS = 128;

    private final AnswerStream stream;
    private final ArrayBlockingQueue<ByteBuffer> waiting =
            new ArrayBlockingQueue<>(MOST_WAITING_CHUNKS);
    private final Thread thread = new Thread(this::receive, "culvert-trace");
    private volatile long seen;
    private volatile long skippedByTunnel;
    private final AtomicLong skippedHere = new AtomicLong();
    private volatile boolean isClosed;
    private volatile boolean hasEnded;
    private volatile String ending = "";

    TraceReceiver(AnswerStream stream) {
        this.stream = stream;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** The next records, one behind the other; null when none came for so long. */
    ByteBuffer next(long pauseMillis) throws InterruptedException {
        return waiting.poll(pauseMillis, TimeUnit.MILLISECONDS);
    }

    /** Whether nothing will come any more, but for what waits. */
    boolean hasEnded() {
        return hasEnded;
    }

    /** Why the other end ended the trace; empty when it did not. */
    String ending() {
        return ending;
    }

    long seen() {
        return seen;
    }

    long skippedByTunnel() {
        return skippedByTunnel;
    }

    long skippedHere() {
        return skippedHere.get();
    }

    @Override
    public void close() {
        isClosed = true;
        stream.close();
    }

    private void receive() {
        ByteBuffer record = ByteBuffer.allocate(MOST_CHUNK_BYTES);
        try {
            while (stream.nextRecord(record)) {
                accept(record);
            }
            ending = stream.end();
        } catch (AttachException e) {
            if (!isClosed) {
                ending = e.getMessage();
            }
        } finally {
            hasEnded = true;
        }
    }

    private void accept(ByteBuffer record) {
        byte kind = record.get();
        if (kind == TraceFeed.COUNTS && record.remaining() == 2 * Long.BYTES) {
            seen = record.getLong();
            skippedByTunnel = record.getLong();
        } else if (kind == TraceFeed.PACKETS) {
            ByteBuffer chunk = ByteBuffer.allocate(record.remaining()).put(record).flip();
            if (!waiting.offer(chunk)) {
                skippedHere.addAndGet(recordsIn(chunk));
            }
        }
    }

    /** How many records are in there, up to the first that cannot be read. */
    static long recordsIn(ByteBuffer chunk) {
        TraceRecord record = new TraceRecord();
        long records = 0;
        int at = chunk.position();
        while (at < chunk.limit() && record.wrap(chunk, at).isValid(chunk.limit() - at)) {
            records++;
            at += record.lengthBytes();
        }
        return records;
    }
}

package io.culvert.trace;

import io.culvert.attach.AnswerStream;
import io.culvert.attach.AttachException;
import io.culvert.control.TraceFeed;
import io.culvert.observe.TraceRecord;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Reads a trace as fast as it comes, on a thread of its own: a terminal that is stopped must not
 * keep the tunnel from being read. What waits is bounded; what does not fit is counted.
 */
final class TraceReceiver implements AutoCloseable {
    private static final int MOST_CHUNK_BYTES = 256 * 1024;
    private static final int MOST_WAITING_CHUNKS = 128;

    private final AnswerStream stream;
    private final ArrayBlockingQueue<Chunk> waiting = new ArrayBlockingQueue<>(MOST_WAITING_CHUNKS);
    private final Thread thread = new Thread(this::receive, "culvert-trace");

    // the thread's, and who has seen that it has ended
    private long skipped;
    private boolean isCountedToTheEnd;

    private volatile TraceCounts counts = TraceCounts.NONE;
    private volatile boolean isClosed;
    private volatile boolean hasEnded;
    private volatile String ending = "";

    /**
     * Records that came together.
     *
     * @param records one behind the other
     * @param skippedBefore how many came before them, and behind the chunk before, for which there
     *     was no room
     */
    record Chunk(ByteBuffer records, long skippedBefore) {}

    TraceReceiver(AnswerStream stream) {
        this.stream = stream;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Asks the other end for what it has left, and for its end; any thread. */
    void finish() {
        stream.finish();
    }

    /** The next records; null when none came for so long. */
    Chunk next(long pauseMillis) throws InterruptedException {
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

    /** The newest that the tunnel has sent. */
    TraceCounts counts() {
        return counts;
    }

    /** Whether the trace {@link #hasEnded has ended} in order, so that its counts are the last. */
    boolean isCountedToTheEnd() {
        return hasEnded && isCountedToTheEnd;
    }

    /** How many records had no room behind the last chunk, once the trace has ended. */
    long skippedLast() {
        return hasEnded ? skipped : 0;
    }

    @Override
    public void close() {
        isClosed = true;
        stream.close();
    }

    private void receive() {
        ByteBuffer record = ByteBuffer.allocate(MOST_CHUNK_BYTES);
        boolean wasCounts = false;
        try {
            while (stream.nextRecord(record)) {
                wasCounts = accept(record);
            }
            isCountedToTheEnd = wasCounts;
            ending = stream.end();
        } catch (AttachException e) {
            if (!isClosed) {
                ending = e.getMessage();
            }
        } finally {
            hasEnded = true;
        }
    }

    /** Whether these are counts. */
    private boolean accept(ByteBuffer record) {
        byte kind = record.get();
        if (kind == TraceFeed.COUNTS && record.remaining() == 2 * Long.BYTES) {
            counts = new TraceCounts(record.getLong(), record.getLong());
            return true;
        }
        if (kind == TraceFeed.PACKETS) {
            ByteBuffer records = ByteBuffer.allocate(record.remaining()).put(record).flip();
            if (waiting.offer(new Chunk(records, skipped))) {
                skipped = 0;
            } else {
                skipped += recordsIn(records);
            }
        }
        return false;
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

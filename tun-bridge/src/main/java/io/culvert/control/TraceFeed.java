package io.culvert.control;

import io.culvert.attach.Response;
import io.culvert.observe.TraceRecord;
import io.culvert.observe.TraceTap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Carries the records of all lanes to one client, in the order of their times.
 *
 * <p>Each record of the stream begins with a byte that says what follows: {@link #PACKETS}, {@link
 * TraceRecord}s one behind the other, or {@link #COUNTS}, how many packets could have been recorded
 * and how many found no room (two numbers of 8 bytes). Counts come once a second, and last: the
 * last ones are of all packets up to the end, behind the records of those that found room.
 *
 * <p>On the connection's thread, which may wait for the client; the lanes do not.
 */
public final class TraceFeed {
    public static final byte PACKETS = 1;
    public static final byte COUNTS = 2;

    private static final int CHUNK_BYTES = 128 * 1024;

    /**
     * Shorter than a lane at 400,000 packets a second needs to fill its ring, and long enough that
     * a sample does not wake us, and the client, for each of its packets: that took a sixth of the
     * tunnel's throughput where processors were few.
     */
    private static final Duration PAUSE = Duration.ofMillis(20);

    private static final Duration NO_PAUSE = Duration.ZERO;
    private static final long COUNTS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final List<TraceTap> taps;
    private final TraceRecord[] oldest;
    private final Response response;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    private long completeNanos = System.nanoTime();
    private final ByteBuffer counts = ByteBuffer.allocate(1 + 2 * Long.BYTES);

    TraceFeed(List<TraceTap> taps, Response response) {
        this.taps = taps;
        this.response = response;
        oldest = taps.stream().map(tap -> new TraceRecord()).toArray(TraceRecord[]::new);
    }

    /** Feeds until the client has enough; {@link #finish} is to follow. */
    void run() throws IOException {
        long countedNanos = System.nanoTime();
        boolean isBusy = false;
        while (response.isFollowed(isBusy ? NO_PAUSE : PAUSE)) {
            long nowNanos = System.nanoTime();
            isBusy = sendChunk(completeUntil(nowNanos));
            if (nowNanos - countedNanos >= COUNTS_NANOS) {
                countedNanos = nowNanos;
                sendCounts();
            }
        }
    }

    /** Feeds what is left of taps that are detached, and the last counts. */
    void finish() throws IOException {
        long nowNanos = System.nanoTime(); // a bound, should a lane not have let go of its tap
        while (sendChunk(nowNanos)) {}
        sendCounts();
    }

    /** The time up to which no lane has anything to show that is not there yet. */
    private long completeUntil(long nowNanos) {
        boolean isAllThere = taps.size() == 1 || taps.stream().noneMatch(TraceTap::isRecording);
        if (isAllThere) {
            completeNanos = nowNanos;
        }
        return completeNanos;
    }

    /** Sends what ended before that time, as far as it fits; whether there may be more. */
    private boolean sendChunk(long untilNanos) throws IOException {
        chunk.clear().put(PACKETS);
        boolean isFull = false;
        for (int lane = nextLane(untilNanos); lane >= 0; lane = nextLane(untilNanos)) {
            isFull = chunk.remaining() < oldest[lane].lengthBytes();
            if (isFull) {
                break;
            }
            oldest[lane].copyTo(chunk);
            taps.get(lane).advance();
        }
        if (chunk.position() == 1) {
            return false;
        }
        response.record(chunk.flip());
        return isFull;
    }

    /** The lane that has the oldest record; -1 when none has one from before that time. */
    private int nextLane(long untilNanos) {
        int next = -1;
        for (int lane = 0; lane < oldest.length; lane++) {
            if (taps.get(lane).peek(oldest[lane])) {
                long than = next < 0 ? untilNanos : oldest[next].endNanos();
                if (oldest[lane].endNanos() - than < 0) {
                    next = lane;
                }
            }
        }
        return next;
    }

    private void sendCounts() throws IOException {
        counts.clear().put(COUNTS);
        counts.putLong(taps.stream().mapToLong(TraceTap::seen).sum());
        counts.putLong(taps.stream().mapToLong(TraceTap::skipped).sum());
        response.record(counts.flip());
    }
}

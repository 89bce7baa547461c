package io.culvert.observe;

import io.culvert.packet.PacketBatch;
import io.culvert.packet.PacketSlab;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One watcher of one lane: what it wants, and the ring its records wait in.
 *
 * <p>The lane's thread records, and never waits: what finds the ring full is counted as skipped.
 * One other thread reads, by {@link #peek} and {@link #advance}.
 */
public final class TraceTap {
    /** Of memory for the records that wait; more of them fit when they are short. */
    private static final int RING_BYTES = 5 << 20;

    /** Of memory for all that a tap keeps of a lane's packets. */
    public static final int MEMORY_BYTES = RING_BYTES + TraceStage.MEMORY_BYTES;

    private final TraceOptions options;
    private final int lane;
    private final TraceRing ring;
    private final boolean[] watchedTunnels;
    private final TraceRecordWriter record = new TraceRecordWriter();
    private final boolean takesAll;
    private final TraceSample sample;
    private final TraceSample receivedSample;
    private final TraceStage stage;

    // the lane's thread's
    private long seen;
    private long skipped;
    private boolean hasClaimed;
    private long nowNanos;

    private final AtomicLong seenAsShown = new AtomicLong();
    private final AtomicLong skippedAsShown = new AtomicLong();
    private final AtomicBoolean isRecording = new AtomicBoolean();

    /**
     * @param lane the lane's number, which its records tell
     * @param seed of the sample's choice
     * @param memory of {@link #allocateMemory}; the tap's until it is detached and read
     */
    public TraceTap(TraceOptions options, int lane, long seed, ByteBuffer memory) {
        this.options = options;
        this.lane = lane;
        this.sample = new TraceSample(options.sampleOneIn(), seed | 1);
        this.receivedSample = new TraceSample(options.sampleOneIn(), ~seed | 1);
        this.ring = new TraceRing(part(memory, 0, RING_BYTES), strideBytes(options));
        this.stage = new TraceStage(part(memory, RING_BYTES, TraceStage.MEMORY_BYTES));
        int most = options.tunnels().stream().mapToInt(Integer::intValue).max().orElse(-1);
        this.watchedTunnels = most < 0 ? null : new boolean[most + 1];
        options.tunnels().forEach(tunnel -> watchedTunnels[tunnel] = true);
        this.takesAll = watchedTunnels == null && !options.dropsOnly();
    }

    /** Memory for a tap; {@value #MEMORY_BYTES} bytes, worth being used again. */
    public static ByteBuffer allocateMemory() {
        return ByteBuffer.allocateDirect(MEMORY_BYTES);
    }

    private static ByteBuffer part(ByteBuffer memory, int at, int lengthBytes) {
        return memory.slice(at, lengthBytes).order(ByteOrder.BIG_ENDIAN);
    }

    public TraceOptions options() {
        return options;
    }

    /** Packets that could have been recorded, sampled or not; any thread. */
    public long seen() {
        return seenAsShown.getOpaque();
    }

    /**
     * Those of them that should have been recorded, and found no room; any thread. Received packets
     * for which there was no room from the start are {@link #seen} and skipped even if only drops
     * or some tunnels are watched: nobody can tell whether they would have been wanted.
     */
    public long skipped() {
        return skippedAsShown.getOpaque();
    }

    /**
     * Whether the lane may be about to show records from before this moment. When it is not, all of
     * them are there: whoever merges lanes takes the time first, and then asks. Any thread.
     */
    public boolean isRecording() {
        return isRecording.get();
    }

    /** Shows the oldest record that waits, until {@link #advance}; false for none. Reader. */
    public boolean peek(TraceRecord oldest) {
        return ring.peek(oldest);
    }

    /** Makes room where the oldest record was. Reader. */
    public void advance() {
        ring.advance();
    }

    /** What came from the wire and may be recorded when it is settled. Lane thread. */
    TraceStage stage() {
        return stage;
    }

    /**
     * Keeps what came from the wire as it came, as far as the sample takes it: for most of a sample
     * the copy would be the price of it. Lane thread.
     */
    void receive(PacketBatch batch) {
        int offered = stage.keep(batch, receivedSample);
        int missed = batch.size() - offered;
        if (missed > 0) {
            seen += missed;
            skipped += missed;
            publishCounts();
        }
    }

    /**
     * The place for a record of a packet, if it is wanted and there is one. Lane thread.
     *
     * @param isAboutLoss whether the packet was dropped, or the record is about such an event
     */
    TraceRecordWriter next(int tunnel, boolean isAboutLoss) {
        return counts(tunnel, isAboutLoss) && sample.takesNext() ? claim() : null;
    }

    /** Counts a packet, if it is one of those that are watched. Lane thread. */
    boolean counts(int tunnel, boolean isAboutLoss) {
        if (!takesAll && (options.dropsOnly() && !isAboutLoss || !watches(tunnel))) {
            return false;
        }
        seen++;
        return true;
    }

    /** The place for a record of the packet that was just counted; null for none. Lane thread. */
    TraceRecordWriter claim() {
        if (!ring.claim(record)) {
            skipped++;
            return null;
        }
        if (!hasClaimed) {
            hasClaimed = true;
            isRecording.set(true);
            nowNanos = System.nanoTime(); // in this order: see isRecording()
        }
        record.identify(lane, seen);
        return record;
    }

    /** The time of all that is claimed up to {@link #publish}. Lane thread. */
    long nowNanos() {
        return nowNanos;
    }

    /** Shows the reader what was recorded. Lane thread. */
    void publish() {
        publishCounts();
        if (hasClaimed) {
            hasClaimed = false;
            ring.publish();
            isRecording.setRelease(false);
        }
    }

    private void publishCounts() {
        seenAsShown.setOpaque(seen);
        skippedAsShown.setOpaque(skipped);
    }

    private boolean watches(int tunnel) {
        return watchedTunnels == null
                || tunnel >= 0 && tunnel < watchedTunnels.length && watchedTunnels[tunnel];
    }

    private static int strideBytes(TraceOptions options) {
        int bytes = TraceRecord.HEADER_BYTES + PacketSlab.HEADROOM_BYTES + options.snapBytes();
        return bytes + Long.BYTES - 1 & -Long.BYTES;
    }
}

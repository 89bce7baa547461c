package io.culvert.observe;

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
    /** Of memory for the records of a lane that wait; more of them fit when they are short. */
    public static final int MEMORY_BYTES = 5 << 20;

    private final TraceOptions options;
    private final int lane;
    private final TraceRing ring;
    private final boolean[] watchedTunnels;
    private final TraceRecordWriter record = new TraceRecordWriter();
    private long random;
    private int packetsToSample = 1;
    private final AtomicLong seen = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicBoolean isRecording = new AtomicBoolean();

    /**
     * @param lane the lane's number, which its records tell
     * @param seed of the sample's choice
     * @param memory of {@link #allocateMemory}; the tap's until it is detached and read
     */
    public TraceTap(TraceOptions options, int lane, long seed, ByteBuffer memory) {
        this.options = options;
        this.lane = lane;
        this.random = seed | 1;
        this.ring = new TraceRing(memory, strideBytes(options));
        int most = options.tunnels().stream().mapToInt(Integer::intValue).max().orElse(-1);
        this.watchedTunnels = most < 0 ? null : new boolean[most + 1];
        options.tunnels().forEach(tunnel -> watchedTunnels[tunnel] = true);
    }

    /** Memory for a tap; {@value #MEMORY_BYTES} bytes, worth being used again. */
    public static ByteBuffer allocateMemory() {
        return ByteBuffer.allocateDirect(MEMORY_BYTES).order(ByteOrder.BIG_ENDIAN);
    }

    public TraceOptions options() {
        return options;
    }

    /** Packets that could have been recorded, sampled or not; any thread. */
    public long seen() {
        return seen.getOpaque();
    }

    /** Those of them that should have been recorded, and found no room; any thread. */
    public long skipped() {
        return skipped.getOpaque();
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

    /**
     * The place for a record of a packet, if it is wanted and there is one. Lane thread.
     *
     * @param isAboutLoss whether the packet was dropped, or the record is about such an event
     */
    TraceRecordWriter next(int tunnel, boolean isAboutLoss) {
        if (options.dropsOnly() && !isAboutLoss || !watches(tunnel)) {
            return null;
        }
        long number = seen.getPlain() + 1;
        seen.setOpaque(number);
        if (--packetsToSample > 0) {
            return null;
        }
        packetsToSample = untilNextSample();
        if (!ring.claim(record)) {
            skipped.setOpaque(skipped.getPlain() + 1);
            return null;
        }
        record.identify(lane, number);
        return record;
    }

    /** Counts packets that cannot be recorded, whatever becomes of them. Lane thread. */
    void skip(int packets) {
        seen.setOpaque(seen.getPlain() + packets);
        skipped.setOpaque(skipped.getPlain() + packets);
    }

    /** Before the time of records is taken, until {@link #publish}. Lane thread. */
    void begin() {
        isRecording.set(true);
    }

    /** Shows the reader what was recorded. Lane thread. */
    void publish() {
        ring.publish();
        isRecording.setRelease(false);
    }

    private boolean watches(int tunnel) {
        return watchedTunnels == null
                || tunnel >= 0 && tunnel < watchedTunnels.length && watchedTunnels[tunnel];
    }

    /**
     * 1 to twice the distance less 1, all alike: in the mean the distance, but out of step with
     * what the traffic does in turns.
     */
    private int untilNextSample() {
        if (options.sampleOneIn() == 1) {
            return 1;
        }
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        long choices = 2L * options.sampleOneIn() - 1;
        return 1 + (int) Long.remainderUnsigned(random, choices);
    }

    private static int strideBytes(TraceOptions options) {
        int bytes = TraceRecord.HEADER_BYTES + PacketSlab.HEADROOM_BYTES + options.snapBytes();
        return bytes + Long.BYTES - 1 & -Long.BYTES;
    }
}

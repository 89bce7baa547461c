package io.culvert.channel;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.concurrent.TimeUnit;

/**
 * How a lane waits: it looks again and again for a while after the last event, then blocks.
 *
 * <p>Waking a thread that sleeps in the kernel costs tens of microseconds, and each packet of a
 * quiet exchange pays it; a thread that still looks is there at once, and takes a processor for it.
 */
final class SpinThenBlock implements SelectStrategy {
    private final long spinNanos;
    private long lastEventNanos;

    /**
     * @param spinMicros how long to look before blocking; 0 blocks at once
     */
    SpinThenBlock(int spinMicros) {
        spinNanos = TimeUnit.MICROSECONDS.toNanos(spinMicros);
    }

    @Override
    public int calculateStrategy(IntSupplier look, boolean hasTasks) throws Exception {
        if (!hasTasks && spinNanos == 0) {
            return SELECT;
        }
        int events = look.get();
        if (hasTasks || spinNanos == 0) {
            return events;
        }
        long nowNanos = System.nanoTime();
        if (events > 0) {
            lastEventNanos = nowNanos;
            return events;
        }
        // 0 events make the loop come round again
        return nowNanos - lastEventNanos < spinNanos ? 0 : SELECT;
    }
}

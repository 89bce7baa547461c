package io.culvert.channel;

import io.culvert.linux.LinkFeatures;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Whether a device of the calling thread's namespace joins datagrams that come in tunnels. Asks at
 * most once a second; one thread.
 */
final class HostSwitches implements BooleanSupplier {
    private static final long REMEMBERED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private boolean joinDatagrams;
    private boolean wasAsked;
    private long askedNanos;

    @Override
    public boolean getAsBoolean() {
        long nowNanos = System.nanoTime();
        if (!wasAsked || nowNanos - askedNanos >= REMEMBERED_NANOS) {
            wasAsked = true;
            askedNanos = nowNanos;
            joinDatagrams = LinkFeatures.joinDatagrams();
        }
        return joinDatagrams;
    }
}

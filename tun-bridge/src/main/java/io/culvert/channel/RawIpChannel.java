package io.culvert.channel;

import io.culvert.device.PacketDevice;
import io.culvert.packet.BatchPool;
import io.culvert.packet.DropReason;
import io.culvert.packet.PacketBatch;
import io.culvert.tunnel.OuterError;
import java.util.function.Consumer;

/**
 * An underlay socket as a channel: it reads outer packets from the wire and sends those written to
 * it.
 *
 * <p>Errors that the kernel reports about sent packets, such as ICMP fragmentation needed, travel
 * up the pipeline as {@link OuterError} user events. No error of the socket closes the channel but
 * the one that its device throws.
 */
public final class RawIpChannel extends FdChannel {
    /** A flood of ICMP errors must not keep packets from being read. */
    private static final int MOST_ERRORS_PER_WAKE_UP = 16;

    private final ErrorSource errors;
    private final Consumer<OuterError> upThePipeline = pipeline()::fireUserEventTriggered;

    /**
     * @param device the socket; the channel closes it
     * @param pool what to read into; who may share it, {@link FdChannel} says
     * @param errors the socket's error queue
     */
    public RawIpChannel(PacketDevice device, BatchPool pool, ErrorSource errors) {
        super(device, pool);
        this.errors = errors;
    }

    @Override
    DropReason unwrittenReason() {
        return DropReason.SHUTDOWN;
    }

    @Override
    boolean isForUs(PacketBatch batch, int slot) {
        return true;
    }

    @Override
    boolean takeErrors() {
        return errors.drain(MOST_ERRORS_PER_WAKE_UP, upThePipeline) > 0;
    }

    /** Where the socket's errors wait; {@code errorQueue::drain}. */
    @FunctionalInterface
    public interface ErrorSource {
        /** No errors, for an underlay that reports none. */
        ErrorSource NONE = (limit, sink) -> 0;

        /**
         * Takes errors that wait and hands them over one by one; must not block.
         *
         * @param limit the most to take
         * @return errors taken; 0 when none waits
         */
        int drain(int limit, Consumer<OuterError> sink);
    }
}

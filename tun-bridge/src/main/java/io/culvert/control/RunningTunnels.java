package io.culvert.control;

import io.culvert.attach.RequestHandler;
import io.culvert.channel.LaneOptions;
import java.util.List;
import java.util.Map;

/** Tunnels that carry traffic until they are closed. Every method may be called by any thread. */
public interface RunningTunnels extends AutoCloseable {

    /** Opens tunnels. */
    @FunctionalInterface
    interface Opener {
        /**
         * Opens every tunnel that can be opened, with a line for each that cannot.
         *
         * @throws TunnelException that says why, when none can
         */
        RunningTunnels open(List<TunnelConfig> configs, LaneOptions options) throws TunnelException;
    }

    /** One line per tunnel for a person, in the order they were given; see {@link UpLine}. */
    List<String> upLines();

    /** The counts of this moment; after {@link #close()} the last ones, for good. */
    Summary summary();

    /** Who answers which request of the control socket. */
    default Map<String, RequestHandler> verbs() {
        return Map.of();
    }

    /**
     * Waits until the tunnels are closed.
     *
     * @throws TunnelException when they cannot go on; they still want to be closed
     * @throws InterruptedException when the waiting thread is interrupted
     */
    void awaitEnd() throws TunnelException, InterruptedException;

    /**
     * Ends the tunnels, removes their devices and returns when the last packet is counted. A second
     * call waits for the first one and does nothing else. Releases {@link #awaitEnd()}.
     */
    @Override
    void close();
}

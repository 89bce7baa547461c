package io.culvert.trace;

import java.io.IOException;

/** Where traced packets are shown. For one thread. */
public interface TraceSink {
    /**
     * Shows a packet, now or at the next {@link #flush}.
     *
     * @throws IOException when it cannot be written
     */
    void show(TracedPacket packet) throws IOException;

    /**
     * Shows everything so far; called after each handful of packets that came together.
     *
     * @throws IOException when nobody reads any more, or it cannot be written
     */
    void flush() throws IOException;

    /** Says what there is to say at the end of a trace. */
    void end(TraceTotals totals) throws IOException;
}

package io.culvert.trace;

import java.io.IOException;

/** Where traced packets are shown. For one thread. */
public interface TraceSink {
    /**
     * Shows a packet, now or at the next {@link #flush}.
     *
     * @throws IOException when nobody reads any more, or it cannot be written
     */
    void show(TracedPacket packet) throws IOException;

    /** Shows everything so far; called whenever no more packets wait. */
    void flush() throws IOException;

    /** Says what there is to say at the end of a trace. */
    void end(TraceTotals totals) throws IOException;
}

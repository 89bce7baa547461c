package io.culvert.observe;

import java.io.Closeable;
import java.io.Flushable;
import java.io.IOException;

/** Writes a capture file, whatever its format. Confined to one thread. */
public interface CaptureWriter extends Closeable, Flushable {
    /**
     * Describes the next interface.
     *
     * @return its place among the interfaces, for the packets seen there
     */
    int addInterface(CaptureInterface description) throws IOException;

    /** Writes a packet of an interface that is described. */
    void write(CapturedPacket packet) throws IOException;

    /** Writes what the kernel counted on an interface, where the format has a place for it. */
    void writeStatistics(int interfaceId, long epochNanos, long received, long dropped)
            throws IOException;
}

package io.culvert.trace;

import io.culvert.observe.CaptureInterface;
import io.culvert.observe.CapturedPacket;
import io.culvert.observe.CapturedPacket.Direction;
import io.culvert.observe.PcapngWriter;
import io.culvert.trace.TracedPacket.Side;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A trace as a capture file of two interfaces: what is inside of the tunnels, and what is outside.
 *
 * <p>A packet with both sides is there twice, one behind the other with the same time. Both carry
 * the comment that names the packet and tells how it ended, so {@code frame.comment contains "#17
 * "} finds the two.
 */
public final class TraceFile implements TraceSink {
    private final PcapngWriter writer;
    private final int inner;
    private final int outer;
    private long lastEpochNanos;

    /**
     * Begins the file.
     *
     * @param out the owner closes it
     * @param tunnels the names of the tunnels that are watched
     */
    public TraceFile(OutputStream out, String application, List<String> tunnels)
            throws IOException {
        writer = new PcapngWriter(out, application);
        String names = String.join(", ", tunnels);
        inner = add("inner", "inside of " + names);
        outer = add("outer", "outside of " + names);
        writer.flush();
    }

    private int add(String name, String description) throws IOException {
        return writer.addInterface(
                new CaptureInterface(name, description, CaptureInterface.RAW_IP_OF_SEVERAL, 0));
    }

    @Override
    public void show(TracedPacket packet) throws IOException {
        lastEpochNanos = packet.epochNanos();
        if (packet.isOutbound()) {
            write(packet, inner, packet.inner());
            write(packet, outer, packet.outer());
        } else {
            write(packet, outer, packet.outer());
            write(packet, inner, packet.inner());
        }
    }

    @Override
    public void flush() throws IOException {
        writer.flush();
    }

    @Override
    public void end(TraceTotals totals) throws IOException {
        long skipped = totals.skippedByTunnel() + totals.skippedHere();
        for (int side : new int[] {inner, outer}) {
            writer.writeStatistics(side, lastEpochNanos, totals.seen(), skipped);
        }
        writer.flush();
    }

    private void write(TracedPacket packet, int interfaceId, Side side) throws IOException {
        if (!side.isThere()) {
            return;
        }
        writer.write(
                new CapturedPacket(
                        interfaceId,
                        packet.epochNanos(),
                        side.buffer(),
                        side.lengthBytes(),
                        packet.isOutbound() ? Direction.OUTBOUND : Direction.INBOUND,
                        List.of(comment(packet))));
    }

    /** For example {@code #17 tun0 in: DROPPED key-mismatch: the packet's key is not ...}. */
    static String comment(TracedPacket packet) {
        String tunnel = packet.tunnel().isEmpty() ? "no tunnel" : packet.tunnel();
        String held = TraceText.held(packet);
        return packet.identity()
                + " "
                + tunnel
                + " "
                + TraceText.direction(packet)
                + ": "
                + (packet.error() == null ? TraceText.verdict(packet) : TraceText.sides(packet))
                + (held.isEmpty() ? "" : ", after " + held);
    }
}

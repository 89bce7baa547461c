package io.culvert.trace;

import io.culvert.capture.CaptureException;
import io.culvert.capture.PacketFilter;
import io.culvert.dissect.Layer;
import io.culvert.observe.CaptureInterface;
import io.culvert.trace.TracedPacket.Side;
import java.util.Arrays;

/**
 * Which packets are shown: expressions of pcap-filter(7) for the inner and the outer side.
 *
 * <p>A packet that has not the side that an expression is about is not shown. What was dropped
 * before its tunnel took it has an inner side for this as far as it can be seen in the outer one.
 * For one thread.
 */
public final class TraceFilter implements AutoCloseable {
    private final PacketFilter inner;
    private final PacketFilter outer;

    private TraceFilter(PacketFilter inner, PacketFilter outer) {
        this.inner = inner;
        this.outer = outer;
    }

    /**
     * Compiles the expressions.
     *
     * @param inner about the inner side, or null
     * @param outer about the outer side, or null
     * @throws CaptureException when one of them is wrong, or there is no libpcap
     */
    public static TraceFilter compile(String inner, String outer) throws CaptureException {
        PacketFilter compiledInner = compile(inner);
        try {
            return new TraceFilter(compiledInner, compile(outer));
        } catch (CaptureException e) {
            close(compiledInner);
            throw e;
        }
    }

    private static PacketFilter compile(String expression) throws CaptureException {
        return expression == null
                ? null
                : PacketFilter.compile(expression, CaptureInterface.RAW_IP);
    }

    /** Whether the packet is to be shown. */
    public boolean passes(TracedPacket packet) {
        return passes(outer, packet.outer()) && (inner == null || passes(inner, innerOf(packet)));
    }

    private static boolean passes(PacketFilter filter, Side side) {
        return filter == null
                || side.isThere()
                        && filter.matches(
                                side.buffer(), 0, side.bytes().length, side.lengthBytes());
    }

    private static Side innerOf(TracedPacket packet) {
        Side outer = packet.outer();
        if (packet.inner().isThere() || !outer.isThere()) {
            return packet.inner();
        }
        return TraceText.dissect(outer).own().stream()
                .filter(layer -> layer.protocol().isIp() && layer.offset() > 0)
                .findFirst()
                .map(Layer::offset)
                .map(
                        at ->
                                new Side(
                                        Arrays.copyOfRange(outer.bytes(), at, outer.bytes().length),
                                        outer.lengthBytes() - at))
                .orElse(Side.NONE);
    }

    @Override
    public void close() {
        close(inner);
        close(outer);
    }

    private static void close(PacketFilter filter) {
        if (filter != null) {
            filter.close();
        }
    }
}

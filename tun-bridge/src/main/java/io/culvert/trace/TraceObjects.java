package io.culvert.trace;

import io.culvert.control.IcmpWords;
import io.culvert.dissect.OneLine;
import io.culvert.dissect.Outline;
import io.culvert.json.Json;
import io.culvert.trace.TracedPacket.Side;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A trace for programs: an object of JSON per packet, each in a line, and the totals at last. */
public final class TraceObjects implements TraceSink {
    private final PrintWriter out;
    private final boolean isTree;
    private final boolean isHex;

    /**
     * @param isTree whether every header is taken apart
     * @param isHex whether the recorded bytes are there, too
     */
    public TraceObjects(PrintWriter out, boolean isTree, boolean isHex) {
        this.out = out;
        this.isTree = isTree;
        this.isHex = isHex;
    }

    @Override
    public void show(TracedPacket packet) {
        print(object(packet));
    }

    @Override
    public void flush() throws IOException {
        if (out.checkError()) {
            throw new IOException("nobody reads any more");
        }
    }

    @Override
    public void end(TraceTotals totals) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("seen", totals.seen());
        object.put("shown", totals.shown());
        object.put("filtered", totals.filtered());
        object.put("sampled-out", totals.sampledOut());
        object.put("skipped-by-tunnel", totals.skippedByTunnel());
        object.put("skipped-here", totals.skippedHere());
        object.put("malformed", totals.malformed());
        print(Map.of("totals", object));
        out.flush();
    }

    private void print(Map<String, ?> object) {
        out.println(Json.line(object));
    }

    private Map<String, Object> object(TracedPacket packet) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("time", Instant.ofEpochSecond(0, packet.epochNanos()).toString());
        object.put("packet", packet.identity());
        object.put("tunnel", packet.tunnel().isEmpty() ? null : packet.tunnel());
        object.put("direction", TraceText.direction(packet));
        object.put("verdict", packet.verdict().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        packet.drop()
                .ifPresent(
                        reason -> {
                            object.put("reason", reason.label());
                            object.put("description", reason.description());
                        });
        if (packet.heldNanos() >= 0) {
            object.put("held-nanos", packet.heldNanos());
        }
        putFlags(object, packet);
        if (packet.error() != null) {
            object.put("error", error(packet));
        }
        putSide(object, "inner", packet.inner());
        putSide(object, "outer", packet.outer());
        return object;
    }

    private static void putFlags(Map<String, Object> object, TracedPacket packet) {
        if (packet.isJoined()) {
            object.put("joined", true);
        }
        if (packet.isEcnChanged()) {
            object.put("ecn-changed", true);
        }
        if (packet.hostSegmentBytes() > 0) {
            object.put("host-segment-bytes", packet.hostSegmentBytes());
        }
        if (packet.superPacketBytes() > 0) {
            object.put("super-packet-bytes", packet.superPacketBytes());
        }
    }

    private static Map<String, Object> error(TracedPacket packet) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("words", IcmpWords.of(packet.error()));
        if (packet.error().isLocal()) {
            error.put("errno", packet.error().errno());
        } else {
            error.put("icmp-type", packet.error().type());
            error.put("icmp-code", packet.error().code());
            error.put("from", IcmpWords.sender(packet.error()));
        }
        if (packet.error().infoMtu() > 0) {
            error.put("mtu", packet.error().infoMtu());
        }
        return error;
    }

    private void putSide(Map<String, Object> object, String name, Side side) {
        if (!side.isThere()) {
            return;
        }
        Map<String, Object> outline = new LinkedHashMap<>();
        outline.put("bytes", side.lengthBytes());
        var dissection = TraceText.dissect(side);
        outline.put("summary", OneLine.of(dissection));
        if (isTree) {
            outline.put("layers", Outline.of(dissection).get("layers"));
        }
        if (isHex) {
            outline.put("hex", HexFormat.of().formatHex(side.bytes()));
        }
        object.put(name, outline);
    }
}

package io.culvert.trace;

import io.culvert.control.IcmpWords;
import io.culvert.dissect.Dissection;
import io.culvert.dissect.Dissector;
import io.culvert.dissect.Layer;
import io.culvert.dissect.LinkType;
import io.culvert.dissect.OneLine;
import io.culvert.observe.TraceRecord.Kind;
import io.culvert.trace.TracedPacket.Side;
import java.util.List;

/** The words of a packet's line: its two sides, which way it went, and how that ended. */
final class TraceText {
    private static final long MICROSECOND = 1_000;
    private static final long MILLISECOND = 1_000_000;

    private static final Dissector DISSECTOR = new Dissector();

    private TraceText() {}

    static Dissection dissect(Side side) {
        return DISSECTOR.dissect(
                LinkType.RAW_IP, side.buffer(), 0, side.bytes().length, side.lengthBytes());
    }

    /** Which way: {@code out}, {@code in}, and for what is not a packet of the inner net, what. */
    static String direction(TracedPacket packet) {
        return switch (packet.kind()) {
            case RECEIVED -> "in";
            case TRANSMITTED -> "out";
            case FRAGMENT -> "frag";
            case KEEPALIVE -> "alive";
            case ANSWER -> "icmp-out";
            case OUTER_ERROR -> "icmp-in";
        };
    }

    /** Both sides in the order in which the packet had them. */
    static String sides(TracedPacket packet) {
        if (packet.kind() == Kind.OUTER_ERROR) {
            String about = packet.outer().isThere() ? ", about " + whole(packet.outer()) : "";
            return IcmpWords.of(packet.error()) + about;
        }
        if (!packet.outer().isThere()) {
            return whole(packet.inner());
        }
        if (!packet.inner().isThere()) {
            return whole(packet.outer());
        }
        Dissection both = dissect(packet.outer());
        String outer = words(part(both, 0, packet.innerAt()), packet.outer());
        boolean isInnerAsItCame =
                !packet.isEcnChanged()
                        && both.layers().stream().anyMatch(l -> l.offset() == packet.innerAt());
        String inner =
                isInnerAsItCame
                        ? words(part(both, packet.innerAt(), Integer.MAX_VALUE), packet.inner())
                        : whole(packet.inner());
        return packet.isOutbound() ? inner + " => " + outer : outer + " => " + inner;
    }

    /** How it ended, and why. */
    static String verdict(TracedPacket packet) {
        String words =
                switch (packet.verdict()) {
                    case SENT -> "sent";
                    case DELIVERED -> packet.isJoined() ? "delivered, joined" : "delivered";
                    case FRAGMENTED -> "sent in fragments";
                    case KEPT_ALIVE -> "keepalive, for the tunnel itself";
                    case DROPPED ->
                            "DROPPED "
                                    + packet.reason().label()
                                    + ": "
                                    + packet.reason().description();
                    case REPORTED -> "reported";
                };
        if (packet.isEcnChanged()) {
            words += ", marked with congestion";
        }
        if (packet.hostSegmentBytes() > 0) {
            words += ", joined by this host from segments of " + packet.hostSegmentBytes();
        }
        return packet.superPacketBytes() == 0
                ? words
                : words + ", segment of " + packet.superPacketBytes();
    }

    /** How long the tunnel had the packet; empty when that is not known. */
    static String held(TracedPacket packet) {
        long nanos = packet.heldNanos();
        if (nanos < 0) {
            return "";
        }
        return nanos < 10 * MILLISECOND ? nanos / MICROSECOND + " us" : nanos / MILLISECOND + " ms";
    }

    static String whole(Side side) {
        return words(dissect(side), side);
    }

    private static String words(Dissection dissection, Side side) {
        String line;
        if (side.bytes().length == 0) {
            line = "not recorded";
        } else {
            boolean isIp = dissection.layers().stream().anyMatch(l -> l.protocol().isIp());
            line = isIp ? OneLine.of(dissection) : "not an IP packet";
        }
        return line + " (" + side.lengthBytes() + ")";
    }

    /** Some of a packet's layers, as if there were no others. */
    private static Dissection part(Dissection all, int from, int end) {
        List<Layer> layers =
                all.layers().stream()
                        .filter(layer -> layer.offset() >= from && layer.offset() < end)
                        .toList();
        return new Dissection(all.link(), all.capturedBytes(), all.wireBytes(), layers);
    }
}

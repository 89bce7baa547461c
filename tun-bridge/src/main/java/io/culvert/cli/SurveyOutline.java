package io.culvert.cli;

import io.culvert.capture.LiveCapture;
import io.culvert.survey.SeenTunnel;
import io.culvert.survey.Spread;
import io.culvert.survey.TunnelId;
import io.culvert.survey.TunnelSurvey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The tunnels of a capture, ready for a JSON writer. */
final class SurveyOutline {
    private SurveyOutline() {}

    static Map<String, Object> of(
            TunnelSurvey survey,
            Optional<LiveCapture.Statistics> kernel,
            Map<Integer, Long> unreadable) {
        Map<String, Object> outline = new LinkedHashMap<>();
        outline.put("packets", survey.packets());
        outline.put("tunnelled", survey.tunnelled());
        outline.put("beyond-most-tunnels", survey.beyondMost());
        outline.put("stray-fragments", survey.strayFragments());
        outline.put("cut-short", survey.cutShort());
        long passedOver = unreadable.values().stream().mapToLong(Long::longValue).sum();
        outline.put("other-link-types", passedOver);
        kernel.ifPresent(
                counts -> {
                    outline.put("dropped-by-kernel", counts.dropped());
                    outline.put("dropped-by-interface", counts.droppedByInterface());
                });
        outline.put("tunnels", survey.tunnels().stream().map(SurveyOutline::tunnel).toList());
        return outline;
    }

    private static Map<String, Object> tunnel(SeenTunnel tunnel) {
        TunnelId id = tunnel.id();
        Map<String, Object> outline = new LinkedHashMap<>();
        outline.put("source", id.source());
        outline.put("destination", id.destination());
        outline.put("kind", id.kind().label());
        outline.put("depth", id.depth());
        if (!id.wrapper().isEmpty()) {
            outline.put("encap", id.wrapper());
            outline.put("udp-port", id.udpPort());
        }
        id.key().ifPresent(key -> outline.put(id.keyWord(), key));
        outline.put("packets", tunnel.packets());
        outline.put("bytes", tunnel.bytes());
        Rate rate = Rate.average(tunnel);
        outline.put("packets-per-second", rate.packets());
        outline.put("bits-per-second", rate.bits());
        outline.put("inside", new TreeMap<>(tunnel.inside()));
        outline.put("largest-inner-packet-bytes", tunnel.largestInnerBytes());
        outline.put("joined-by-host", tunnel.joined());
        outline.put("with-checksum", tunnel.withChecksum());
        outline.put("with-sequence", tunnel.withSequence());
        outline.put("sequence-missing", tunnel.sequence().missing());
        outline.put("sequence-late", tunnel.sequence().late());
        outline.put("sequence-repeated", tunnel.sequence().repeated());
        outline.put("sequence-restarts", tunnel.sequence().restarts());
        outline.put("bad-tunnel-checksums", tunnel.badTunnelChecksums());
        outline.put("bad-outer-checksums", tunnel.badOuterChecksums());
        outline.put("dont-fragment", tunnel.dontFragment());
        outline.put("fragments", tunnel.fragments());
        outline.put("keepalives", tunnel.keepalives());
        outline.put("other-ip-version", tunnel.otherVersions());
        put(outline, "ttl", tunnel.ttl());
        put(outline, "tos", tunnel.trafficClass());
        put(outline, "encaplimit", tunnel.encapsulationLimit());
        outline.put("first", EpochTime.full(tunnel.firstNanos()));
        outline.put("last", EpochTime.full(tunnel.lastNanos()));
        return outline;
    }

    private static void put(Map<String, Object> outline, String name, Spread spread) {
        if (!spread.isEmpty()) {
            Map<String, Object> range = new LinkedHashMap<>();
            range.put("least", spread.least());
            range.put("most", spread.most());
            outline.put(name, range);
        }
    }
}

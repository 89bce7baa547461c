package io.culvert.stats;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts for programs: what was answered, with percentiles in the place of histograms. */
public final class StatsJson {
    private StatsJson() {}

    /** The object of a sample. */
    public static Map<String, Object> of(Sample sample) {
        Map<String, Object> object = new LinkedHashMap<>(sample.answer());
        List<Object> tunnels = new ArrayList<>();
        for (TunnelSample tunnel : sample.tunnels()) {
            tunnels.add(of(tunnel));
        }
        object.put("tunnels", tunnels);
        return object;
    }

    /** The object of a sample with what came since an earlier one, for each tunnel. */
    public static Map<String, Object> of(Interval interval) {
        Map<String, Object> object = of(interval.now());
        object.put("interval-seconds", interval.seconds());
        List<Object> rates = new ArrayList<>();
        for (TunnelInterval tunnel : interval.tunnels()) {
            Map<String, Object> rate = new LinkedHashMap<>();
            rate.put("name", tunnel.now().name());
            rate.put("received-bits-per-second", tunnel.receivedBits());
            rate.put("received-packets-per-second", tunnel.receivedPackets());
            rate.put("sent-bits-per-second", tunnel.sentBits());
            rate.put("sent-packets-per-second", tunnel.sentPackets());
            rate.put("drops-per-second", tunnel.lost());
            rate.put("latency-received", tunnel.latencyReceived().report());
            rate.put("latency-sent", tunnel.latencySent().report());
            rates.add(rate);
        }
        object.put("rates", rates);
        return object;
    }

    private static Map<String, Object> of(TunnelSample tunnel) {
        Map<String, Object> object = new LinkedHashMap<>();
        tunnel.fields().map().forEach((name, value) -> object.put(name.toString(), value));
        object.put("latency-received", tunnel.latencyReceived().report());
        object.put("latency-sent", tunnel.latencySent().report());
        object.put("round-trip", tunnel.roundTrip() == null ? null : tunnel.roundTrip().report());
        return object;
    }
}

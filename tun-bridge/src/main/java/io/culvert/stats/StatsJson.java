package io.culvert.stats;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts for programs: what was answered, with percentiles in the place of histograms. The tunnels
 * of all processes are one list; each says whose it is.
 *
 * <pre>
 * {"tunnels": [{"name": "tun0", "pid": 4711, "network-namespace": {"name": "a", "inode": 4026532177},
 *               "mode": "gre", "remote": "192.0.2.2", "received": {...}, ...}, ...],
 *  "processes": [{"pid": 4711, "network-namespace": {...}, "uptime-seconds": 61.0, "lanes": [...]}]}
 * </pre>
 */
public final class StatsJson {
    private StatsJson() {}

    /** The object of one sample of each process. */
    public static Map<String, Object> of(List<Sample> samples) {
        List<Object> tunnels = new ArrayList<>();
        List<Object> processes = new ArrayList<>();
        for (Sample sample : samples) {
            for (TunnelSample tunnel : sample.tunnels()) {
                tunnels.add(of(sample, tunnel));
            }
            Map<String, Object> process = process(sample);
            sample.answer().forEach(process::putIfAbsent); // uptime, lanes, and what comes later
            process.remove("tunnels");
            processes.add(process);
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("tunnels", tunnels);
        object.put("processes", processes);
        return object;
    }

    /** The object of the samples with what came since the earlier ones, for each tunnel. */
    public static Map<String, Object> ofIntervals(List<Interval> intervals) {
        Map<String, Object> object = of(intervals.stream().map(Interval::now).toList());
        List<Object> rates = new ArrayList<>();
        for (Interval interval : intervals) {
            for (TunnelInterval tunnel : interval.tunnels()) {
                Map<String, Object> rate = new LinkedHashMap<>();
                rate.put("name", tunnel.now().name());
                rate.putAll(process(interval.now()));
                rate.put("interval-seconds", interval.seconds());
                rate.put("received-bits-per-second", tunnel.receivedBits());
                rate.put("received-packets-per-second", tunnel.receivedPackets());
                rate.put("sent-bits-per-second", tunnel.sentBits());
                rate.put("sent-packets-per-second", tunnel.sentPackets());
                rate.put("drops-per-second", tunnel.lost());
                rate.put("latency-received", tunnel.latencyReceived().report());
                rate.put("latency-sent", tunnel.latencySent().report());
                rates.add(rate);
            }
        }
        object.put("rates", rates);
        return object;
    }

    private static Map<String, Object> of(Sample sample, TunnelSample tunnel) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", tunnel.name());
        object.putAll(process(sample));
        tunnel.fields().map().forEach((name, value) -> object.putIfAbsent(name.toString(), value));
        object.put("latency-received", tunnel.latencyReceived().report());
        object.put("latency-sent", tunnel.latencySent().report());
        object.put("round-trip", tunnel.roundTrip() == null ? null : tunnel.roundTrip().report());
        return object;
    }

    private static Map<String, Object> process(Sample sample) {
        Map<String, Object> process = new LinkedHashMap<>();
        process.put("pid", sample.pid());
        process.put("network-namespace", sample.namespace());
        return process;
    }
}

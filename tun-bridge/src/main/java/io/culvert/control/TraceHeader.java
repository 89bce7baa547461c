package io.culvert.control;

import io.culvert.packet.DropReason;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a client must know to read a trace: the names behind the numbers in its records, so that it
 * need not be of the same version.
 *
 * @param tunnels names, by index
 * @param reasons why packets are dropped, by ordinal
 * @param lanes how many there are
 * @param epochNanos the time of day, in nanoseconds since 1970
 * @param nanoTime what the process's own clock said then
 */
public record TraceHeader(
        List<String> tunnels, List<Reason> reasons, int lanes, long epochNanos, long nanoTime) {
    private static final String TUNNELS = "tunnels";
    private static final String REASONS = "reasons";
    private static final String LABEL = "label";
    private static final String DESCRIPTION = "description";
    private static final String LANES = "lanes";
    private static final String EPOCH_NANOS = "epoch-nanos";
    private static final String NANO_TIME = "nano-time";

    /**
     * A reason for drops.
     *
     * @param label as counters show it, kebab-case
     * @param description one line for people
     */
    public record Reason(String label, String description) {}

    public TraceHeader {
        tunnels = List.copyOf(tunnels);
        reasons = List.copyOf(reasons);
    }

    /** This process's, at this moment. */
    static TraceHeader now(List<String> tunnels, int lanes) {
        var now = java.time.Instant.now();
        long epochNanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
        List<Reason> reasons =
                Stream.of(DropReason.values())
                        .map(reason -> new Reason(reason.label(), reason.description()))
                        .toList();
        return new TraceHeader(tunnels, reasons, lanes, epochNanos, System.nanoTime());
    }

    /** For the control socket. */
    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(TUNNELS, tunnels);
        List<Object> texts = new ArrayList<>();
        for (Reason reason : reasons) {
            texts.add(Map.of(LABEL, reason.label(), DESCRIPTION, reason.description()));
        }
        map.put(REASONS, texts);
        map.put(LANES, lanes);
        map.put(EPOCH_NANOS, epochNanos);
        map.put(NANO_TIME, nanoTime);
        return map;
    }

    /** From the control socket; what is missing is empty. */
    public static TraceHeader of(Map<String, Object> map) {
        List<String> tunnels = new ArrayList<>();
        if (map.get(TUNNELS) instanceof List<?> names) {
            names.forEach(name -> tunnels.add(String.valueOf(name)));
        }
        List<Reason> reasons = new ArrayList<>();
        if (map.get(REASONS) instanceof List<?> texts) {
            for (Object text : texts) {
                if (text instanceof Map<?, ?> reason) {
                    reasons.add(
                            new Reason(
                                    String.valueOf(reason.get(LABEL)),
                                    String.valueOf(reason.get(DESCRIPTION))));
                }
            }
        }
        return new TraceHeader(
                tunnels,
                reasons,
                (int) number(map, LANES),
                number(map, EPOCH_NANOS),
                number(map, NANO_TIME));
    }

    /** The time of day at a moment of the process's own clock, in nanoseconds since 1970. */
    public long epochNanosAt(long processNanos) {
        return epochNanos + (processNanos - nanoTime);
    }

    private static long number(Map<String, Object> map, String name) {
        return map.get(name) instanceof BigDecimal number ? number.longValue() : 0;
    }
}

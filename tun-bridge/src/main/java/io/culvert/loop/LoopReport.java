package io.culvert.loop;

import io.culvert.endtoend.Spread;
import io.culvert.endtoend.report.Environment;
import io.culvert.endtoend.report.TextTable;
import io.culvert.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The results of {@code --loop}, for people and for programs. */
public final class LoopReport {
    private LoopReport() {}

    /** The table with its title and legend. */
    public static String text(List<LoopMeasured> results) {
        TextTable table =
                new TextTable()
                        .row(
                                List.of(
                                        "tunnel",
                                        "bytes",
                                        "ns/packet",
                                        "encapsulate",
                                        "decapsulate",
                                        "Gb/s",
                                        "B/packet"));
        StringBuilder losses = new StringBuilder();
        for (LoopMeasured measured : results) {
            Spread both = measured.bothNanos();
            table.row(
                    List.of(
                            measured.loopCase().words(),
                            Integer.toString(measured.loopCase().innerBytes()),
                            nanos(both),
                            format("%.1f", measured.encapsulateNanos().median()),
                            format("%.1f", measured.decapsulateNanos().median()),
                            format("%.1f", measured.gigabitsPerSecond()),
                            format("%.2f", measured.allocatedBytes().median())));
            if (measured.lostPackets() > 0) {
                losses.append(
                        format(
                                "%s, %d bytes: %d packets did not come out%n",
                                measured.loopCase().words(),
                                measured.loopCase().innerBytes(),
                                measured.lostPackets()));
            }
        }
        return "Device to wire and wire to device through the pipeline, without a kernel\n"
                + table
                + "\n"
                + losses
                + format(
                        "%s; one thread, batches of %d packets in the cache.%n",
                        rounds(results.get(0).rounds().size()), LoopLane.BATCH);
    }

    private static String rounds(int rounds) {
        return rounds == 1 ? "One round" : "Medians of " + rounds + " rounds (least-most)";
    }

    private static String nanos(Spread spread) {
        String median = format("%.1f", spread.median());
        return spread.count() == 1
                ? median
                : median + format(" (%.1f-%.1f)", spread.least(), spread.most());
    }

    /** Every round, with where it was measured. */
    public static String json(List<LoopMeasured> results, Environment environment) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("kind", "culvert bench --loop");
        report.put("environment", environment.facts());
        report.put("packetsPerBatch", LoopLane.BATCH);
        List<Object> cases = new ArrayList<>();
        for (LoopMeasured measured : results) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("tunnel", measured.loopCase().words());
            map.put("innerBytes", measured.loopCase().innerBytes());
            map.put("nanosPerPacket", measured.bothNanos().median());
            map.put("encapsulateNanos", measured.encapsulateNanos().median());
            map.put("decapsulateNanos", measured.decapsulateNanos().median());
            map.put("gigabitsPerSecond", measured.gigabitsPerSecond());
            map.put("allocatedBytesPerPacket", measured.allocatedBytes().median());
            map.put("lostPackets", measured.lostPackets());
            map.put("rounds", measured.rounds());
            cases.add(map);
        }
        report.put("cases", cases);
        return Json.write(report);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}

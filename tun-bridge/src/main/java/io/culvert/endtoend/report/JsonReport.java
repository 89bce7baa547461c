package io.culvert.endtoend.report;

import io.culvert.endtoend.Failure;
import io.culvert.endtoend.Measured;
import io.culvert.endtoend.Metric;
import io.culvert.endtoend.Plan;
import io.culvert.endtoend.Spread;
import io.culvert.endtoend.load.LossFreeRate;
import io.culvert.endtoend.load.UdpBlast;
import io.culvert.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report for programs: every value of every round, and where it comes from. */
public final class JsonReport {
    private JsonReport() {}

    /** The report as a JSON object. */
    public static String of(Results results) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("kind", "culvert bench");
        report.put("environment", results.environment().facts());
        report.put("plan", plan(results));
        report.put("baseline", results.baseline() == null ? null : results.baseline().name());
        report.put(
                "contenders",
                results.contenders().stream()
                        .map(contender -> contender(contender, results.baseline()))
                        .toList());
        return Json.write(report);
    }

    private static Map<String, Object> plan(Results results) {
        Plan plan = results.plan();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("rounds", plan.rounds());
        map.put("roundsBegun", results.roundsBegun());
        map.put("durationSeconds", plan.duration().toMillis() / 1e3);
        map.put("tcpLoad", results.tcpLoad());
        map.put("udpPayloadBytes", UdpBlast.PAYLOAD_BYTES);
        map.put("udpTrials", plan.udpTrials());
        map.put("udpToleratedLoss", LossFreeRate.TOLERATED_LOSS);
        map.put("probesPerSecond", plan.probesPerSecond());
        return map;
    }

    private static Map<String, Object> contender(Measured contender, Measured baseline) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", contender.name());
        map.put("description", contender.description());
        if (contender.absence() != null) {
            map.put("absent", contender.absence());
        }
        map.put("failures", contender.failures().stream().map(Failure::text).toList());
        Map<String, Object> metrics = new LinkedHashMap<>();
        for (Metric metric : Metric.values()) {
            Spread spread = contender.spread(metric);
            if (spread != null) {
                metrics.put(metric.key(), metric(metric, contender, baseline));
            }
        }
        map.put("metrics", metrics);
        return map;
    }

    private static Map<String, Object> metric(
            Metric metric, Measured contender, Measured baseline) {
        Spread spread = contender.spread(metric);
        List<Double> values = contender.values(metric);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("unit", metric.unit());
        map.put("median", spread.median());
        map.put("least", spread.least());
        map.put("most", spread.most());
        contender.ratio(metric, baseline).ifPresent(ratio -> map.put("ratio", ratio));
        map.put("values", values);
        return map;
    }
}

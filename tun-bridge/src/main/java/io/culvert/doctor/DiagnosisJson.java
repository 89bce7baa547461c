package io.culvert.doctor;

import io.culvert.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A diagnosis for programs: one JSON object. */
public final class DiagnosisJson {
    private DiagnosisJson() {}

    /** The object, ending in a line feed. */
    public static String of(Diagnosis diagnosis) {
        List<Object> findings = new ArrayList<>();
        for (Finding finding : diagnosis.findings()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("id", finding.id());
            one.put("severity", finding.severity().word());
            one.put("evidence", finding.evidence());
            one.put("meaning", finding.meaning());
            one.put("remedy", finding.remedy().lines().toList());
            findings.add(one);
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("subject", diagnosis.subject());
        all.put("status", diagnosis.worst().word());
        all.put("findings", findings);
        return Json.write(all);
    }
}

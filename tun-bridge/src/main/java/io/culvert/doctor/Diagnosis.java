package io.culvert.doctor;

import java.util.Comparator;
import java.util.List;

/**
 * All that was found.
 *
 * @param subject whom it is about, in one line
 * @param findings in the order in which things were looked at
 */
public record Diagnosis(String subject, List<Finding> findings) {

    /** Copies the findings. */
    public Diagnosis {
        findings = List.copyOf(findings);
    }

    /** How bad the worst is. What could not be told is not bad. */
    public Severity worst() {
        return findings.stream()
                .map(Finding::severity)
                .filter(severity -> severity != Severity.UNKNOWN)
                .max(Comparator.naturalOrder())
                .orElse(Severity.OK);
    }

    /** How many there are of a severity. */
    public long count(Severity severity) {
        return findings.stream().filter(finding -> finding.severity() == severity).count();
    }
}

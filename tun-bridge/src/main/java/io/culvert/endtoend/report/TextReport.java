package io.culvert.endtoend.report;

import io.culvert.endtoend.Measured;
import io.culvert.endtoend.Metric;
import io.culvert.endtoend.Spread;
import java.util.ArrayList;
import java.util.List;

/** The report for a terminal. */
public final class TextReport {
    private TextReport() {}

    /** The lines, each with its line feed. */
    public static String of(Results results) {
        StringBuilder text = new StringBuilder();
        for (Section section : Section.of(results)) {
            if (section.isWorthShowing(results)) {
                text.append(section.title()).append('\n');
                text.append(table(section, results)).append('\n');
            }
        }
        appendAbsencesAndFailures(text, results);
        text.append(results.measured().isEmpty() ? nothing(results) : legend(results));
        return text.toString();
    }

    private static String nothing(Results results) {
        return results.hasFailures() || results.present().isEmpty()
                ? "Nothing was measured.\n"
                : "Interrupted in round %d of %d, before anything was measured.%n"
                        .formatted(results.roundsBegun(), results.plan().rounds());
    }

    private static TextTable table(Section section, Results results) {
        TextTable table = new TextTable();
        List<String> head = new ArrayList<>(List.of("contender"));
        for (Metric metric : section.metrics()) {
            head.add(Section.head(metric));
            if (section.hasRatios(metric, results)) {
                head.add("x");
            }
        }
        table.row(head);
        for (Measured contender : results.measured()) {
            table.row(row(section, contender, results));
        }
        return table;
    }

    private static List<String> row(Section section, Measured contender, Results results) {
        List<String> row = new ArrayList<>(List.of(contender.name()));
        for (Metric metric : section.metrics()) {
            Spread spread = contender.spread(metric);
            row.add(spread == null ? "-" : Figure.of(metric, spread));
            if (section.hasRatios(metric, results)) {
                contender
                        .ratio(metric, results.baseline())
                        .ifPresentOrElse(ratio -> row.add(Figure.ratio(ratio)), () -> row.add(""));
            }
        }
        return row;
    }

    private static void appendAbsencesAndFailures(StringBuilder text, Results results) {
        for (Measured contender : results.absent()) {
            text.append("%s is absent: %s%n".formatted(contender.name(), contender.absence()));
        }
        Failures.of(results).forEach(failure -> text.append(failure).append('\n'));
        if (!results.measured().isEmpty()) {
            results.present().stream()
                    .filter(contender -> !contender.hasValues() && contender.failures().isEmpty())
                    .forEach(contender -> text.append(contender.name() + " was not reached\n"));
        }
        boolean hasLines = text.length() > 0 && text.charAt(text.length() - 2) != '\n';
        text.append(hasLines ? "\n" : "");
    }

    private static String legend(Results results) {
        StringBuilder legend = new StringBuilder();
        int rounds = results.roundsBegun();
        legend.append(
                rounds == 1
                        ? "One round, so there is no spread.\n"
                        : "Medians of %d rounds (least-most).\n".formatted(rounds));
        if (rounds < results.plan().rounds()) {
            legend.append(
                    "Interrupted: %d rounds were planned.%n".formatted(results.plan().rounds()));
        }
        if (results.baseline() != null) {
            legend.append("x: multiple of %s.%n".formatted(results.baseline().name()));
        }
        if (results.environment().warning() != null) {
            legend.append("Beware: " + results.environment().warning() + ".\n");
        }
        return legend.toString();
    }
}

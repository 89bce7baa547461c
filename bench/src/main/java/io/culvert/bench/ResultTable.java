package io.culvert.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The answer to a question as text: a line per variant, the quickest of each size first. */
final class ResultTable {
    private static final String[] NO_CELLS = {};

    private ResultTable() {}

    /** The table, with a last line break. */
    static String of(Question question, List<Measurement> measurements) {
        List<String[]> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(parameterNames(measurements));
        head.add(0, "");
        head.addAll(List.of("ns/" + question.per(), "±", "B/" + question.per(), ""));
        rows.add(head.toArray(NO_CELLS));
        List<String> names = head.subList(1, head.size() - 4);
        String group = null;
        for (Measurement measurement : sorted(measurements, names)) {
            String itsGroup = value(measurement, groupName(names));
            if (group != null && !group.equals(itsGroup)) {
                rows.add(NO_CELLS);
            }
            group = itsGroup;
            rows.add(row(measurement, names));
        }
        return question.name() + ": " + question.asks() + "\n\n" + aligned(rows, names.size());
    }

    private static String[] row(Measurement measurement, List<String> names) {
        List<String> cells = new ArrayList<>();
        cells.add(measurement.variant());
        for (String name : names) {
            cells.add(value(measurement, name));
        }
        cells.add(number(measurement.nanos()));
        cells.add(Double.isNaN(measurement.errorNanos()) ? "?" : number(measurement.errorNanos()));
        cells.add(measurement.bytes() > 0 ? number(measurement.bytes()) : "0");
        cells.add(measurement.standing().word());
        return cells.toArray(NO_CELLS);
    }

    /** Three significant digits and no more than two decimals. */
    private static String number(double value) {
        String format = Math.abs(value) < 10 ? "%,.2f" : Math.abs(value) < 100 ? "%,.1f" : "%,.0f";
        return String.format(Locale.ROOT, format, value);
    }

    /** Sizes make the groups; what is compared stands together within one. */
    private static String groupName(List<String> names) {
        return names.isEmpty() ? "" : names.get(0);
    }

    private static List<Measurement> sorted(List<Measurement> measurements, List<String> names) {
        return measurements.stream()
                .sorted(
                        Comparator.comparingInt(
                                        (Measurement m) ->
                                                leadingNumber(value(m, groupName(names))))
                                .thenComparingDouble(Measurement::nanos))
                .toList();
    }

    private static int leadingNumber(String value) {
        return value.matches("\\d+") ? Integer.parseInt(value) : 0;
    }

    /** The parameters that some variant has; the numbers first. */
    private static List<String> parameterNames(List<Measurement> measurements) {
        return measurements.stream()
                .flatMap(measurement -> measurement.parameters().stream())
                .map(parameter -> parameter.substring(0, parameter.indexOf('=')))
                .distinct()
                .sorted()
                .toList();
    }

    private static String value(Measurement measurement, String name) {
        String start = name + "=";
        return measurement.parameters().stream()
                .filter(parameter -> parameter.startsWith(start))
                .map(parameter -> parameter.substring(start.length()))
                .findFirst()
                .orElse("");
    }

    /** Names to the left, numbers to the right. */
    private static String aligned(List<String[]> rows, int parameters) {
        int[] widths = new int[rows.get(0).length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                boolean isNumber = i > parameters && i < row.length - 1;
                String pad = " ".repeat(widths[i] - row[i].length());
                line.append("  ").append(isNumber ? pad + row[i] : row[i] + pad);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}

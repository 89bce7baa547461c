package io.culvert.dissect;

import java.util.ArrayList;
import java.util.List;

/**
 * A packet as indented lines: a heading for each layer, a line for each field, with the bytes that
 * it stands in.
 */
public final class Tree {
    private static final int VALUE_COLUMN = 42;
    private static final int SECTION_COLUMN = 76;

    private Tree() {}

    /**
     * The lines, without line feeds.
     *
     * @param withSections whether each field names the RFC section that defines it
     */
    public static List<String> of(Dissection packet, boolean withSections) {
        List<String> lines = new ArrayList<>();
        int depth = 0;
        for (Layer layer : packet.layers()) {
            String indent = "  ".repeat(depth);
            lines.add(indent + heading(layer));
            for (Field field : layer.fields()) {
                lines.add(line(indent + "  ", field, withSections));
            }
            for (Problem problem : layer.problems()) {
                boolean isNote = problem.severity() == Problem.Severity.NOTE;
                String mark = (isNote ? "" : "! ") + problem.severity().label() + ": ";
                lines.add(indent + "  " + mark + problem.sentence());
            }
            depth = Math.min(depth + 1, 8);
        }
        return lines;
    }

    private static String heading(Layer layer) {
        String range = range(layer.offset(), layer.end());
        String quoted = layer.isQuoted() ? ", quoted" : "";
        return layer.protocol().title() + ", " + range + quoted;
    }

    private static String line(String indent, Field field, boolean withSections) {
        StringBuilder line = new StringBuilder(indent).append(place(field)).append("  ");
        line.append(field.name());
        pad(line, VALUE_COLUMN);
        line.append(field.text());
        if (withSections && !field.section().isEmpty()) {
            pad(line, SECTION_COLUMN);
            line.append(field.section());
        }
        return line.toString().stripTrailing();
    }

    /** {@code 12..15} for bytes, {@code 6.1} for one bit, {@code 0.0-3} for some of a byte. */
    private static String place(Field field) {
        int first = field.byteAt();
        boolean isBytes = field.bitAt() % 8 == 0 && field.bits() % 8 == 0;
        String text;
        if (field.bits() == 0) {
            text = "";
        } else if (isBytes) {
            text = field.bits() == 8 ? "" + first : first + ".." + (field.endByte() - 1);
        } else {
            int last = field.bitAt() + field.bits() - 1;
            String from = first + "." + field.bitAt() % 8;
            boolean isOneByte = last / 8 == first;
            text =
                    field.bits() == 1
                            ? from
                            : from + "-" + (isOneByte ? "" : last / 8 + ".") + last % 8;
        }
        return " ".repeat(Math.max(0, 10 - text.length())) + text;
    }

    private static String range(int from, int end) {
        return switch (end - from) {
            case 0 -> "no bytes at " + from;
            case 1 -> "byte " + from;
            default -> "bytes " + from + " to " + (end - 1);
        };
    }

    private static void pad(StringBuilder line, int column) {
        line.append(" ".repeat(Math.max(2, column - line.length())));
    }
}

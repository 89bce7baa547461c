package io.culvert.json;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/**
 * JSON (RFC 8259) from and to maps, lists, strings, numbers, booleans and null: what results, the
 * control socket and the answers of other programs need, and no more.
 */
public final class Json {
    private static final String STEP = "  ";

    private final StringBuilder out = new StringBuilder();
    private final boolean isOneLine;

    private Json(boolean isOneLine) {
        this.isOneLine = isOneLine;
    }

    /** The value as text, indented by two blanks, ending in a line feed. */
    public static String write(Object value) {
        Json json = new Json(false);
        json.put(value, "\n");
        return json.out.append('\n').toString();
    }

    /** The value as text in one line, without a line feed in it or after it. */
    public static String line(Object value) {
        Json json = new Json(true);
        json.put(value, "");
        return json.out.toString();
    }

    /**
     * The value that a text stands for; numbers are {@link BigDecimal}s, objects keep their order.
     *
     * <p>Strict, and safe for text from anywhere: what is nested too deep or has a number of absurd
     * size is refused, so the cost is bounded by the length of the text.
     *
     * @throws IllegalArgumentException when it is not JSON, with where
     */
    public static Object read(String text) {
        return new JsonReader(text, false).read();
    }

    /**
     * As {@link #read}, but of members of one name the last counts, for programs that write such:
     * iperf3 does where it has several streams.
     */
    public static Object readForeign(String text) {
        return new JsonReader(text, true).read();
    }

    private void put(Object value, String lineFeed) {
        if (value instanceof Map<?, ?> map) {
            putObject(map, lineFeed);
        } else if (value instanceof List<?> list) {
            putArray(list, lineFeed);
        } else if (value instanceof Double number) {
            // no NaN and no infinity in JSON
            out.append(Double.isFinite(number) ? plain(number) : "null");
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            putString(value.toString());
        }
    }

    private void putObject(Map<?, ?> map, String lineFeed) {
        String inside = isOneLine ? "" : lineFeed + STEP;
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(separator).append(inside);
            putString(String.valueOf(entry.getKey()));
            out.append(isOneLine ? ":" : ": ");
            put(entry.getValue(), inside);
            separator = ",";
        }
        out.append(map.isEmpty() ? "{}" : lineFeed + "}");
    }

    private void putArray(List<?> list, String lineFeed) {
        boolean isFlat = isOneLine || list.stream().allMatch(Number.class::isInstance);
        String inside = isFlat ? "" : lineFeed + STEP;
        String separator = "[";
        for (Object element : list) {
            out.append(separator).append(inside);
            put(element, inside);
            separator = isFlat && !isOneLine ? ", " : ",";
        }
        out.append(list.isEmpty() ? "[]" : isFlat ? "]" : lineFeed + "]");
    }

    private static String plain(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    private void putString(String value) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ') {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}

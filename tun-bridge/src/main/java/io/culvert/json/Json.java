package io.culvert.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON (RFC 8259) from and to maps, lists, strings, numbers, booleans and null: what results and
 * the answers of other programs need, and no more.
 */
public final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** The value as text, indented by two blanks, ending in a line feed. */
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(out, value, "\n");
        return out.append('\n').toString();
    }

    /**
     * The value that a text stands for; numbers are {@link BigDecimal}s.
     *
     * @throws IllegalArgumentException when it is not JSON, with where
     */
    public static Object read(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.skipBlanks();
        if (json.at < text.length()) {
            throw json.unexpected("the end");
        }
        return value;
    }

    private static void write(StringBuilder out, Object value, String lineFeed) {
        if (value instanceof Map<?, ?> map) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(separator).append(lineFeed).append("  ");
                writeString(out, String.valueOf(entry.getKey()));
                write(out.append(": "), entry.getValue(), lineFeed + "  ");
                separator = ",";
            }
            out.append(map.isEmpty() ? "{}" : lineFeed + "}");
        } else if (value instanceof List<?> list) {
            boolean isFlat = list.stream().allMatch(Number.class::isInstance);
            String separator = "[";
            for (Object element : list) {
                out.append(separator).append(isFlat ? "" : lineFeed + "  ");
                write(out, element, lineFeed + "  ");
                separator = isFlat ? ", " : ",";
            }
            out.append(list.isEmpty() ? "[]" : isFlat ? "]" : lineFeed + "]");
        } else if (value instanceof Double number) {
            // no NaN and no infinity in JSON
            out.append(Double.isFinite(number) ? plain(number) : "null");
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            writeString(out, value.toString());
        }
    }

    private static String plain(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    private static void writeString(StringBuilder out, String value) {
        out.append('"');
        for (char c : value.toCharArray()) {
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

    private Object value() {
        skipBlanks();
        if (at == text.length()) {
            throw unexpected("a value");
        }
        char c = text.charAt(at);
        return switch (c) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", Boolean.TRUE);
            case 'f' -> word("false", Boolean.FALSE);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> map = new LinkedHashMap<>();
        at++;
        while (!take('}')) {
            if (!map.isEmpty()) {
                expect(',');
            }
            skipBlanks();
            String key = string();
            expect(':');
            map.put(key, value());
        }
        return map;
    }

    private List<Object> array() {
        List<Object> list = new ArrayList<>();
        at++;
        while (!take(']')) {
            if (!list.isEmpty()) {
                expect(',');
            }
            list.add(value());
        }
        return list;
    }

    private String string() {
        expect('"');
        StringBuilder string = new StringBuilder();
        while (true) {
            char c = next();
            if (c == '"') {
                return string.toString();
            }
            string.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() {
        char c = next();
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> {
                if (!text.substring(at).matches("(?s)[0-9a-fA-F]{4}.*")) {
                    throw unexpected("four hexadecimal digits");
                }
                at += 4;
                yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
            }
            default -> c;
        };
    }

    private BigDecimal number() {
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        try {
            return new BigDecimal(text.substring(from, at));
        } catch (NumberFormatException e) {
            at = from;
            throw unexpected("a value");
        }
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw unexpected(word);
        }
        at += word.length();
        return value;
    }

    private char next() {
        if (at == text.length()) {
            throw unexpected("more");
        }
        return text.charAt(at++);
    }

    private void expect(char c) {
        if (!take(c)) {
            throw unexpected("\"" + c + "\"");
        }
    }

    private boolean take(char c) {
        skipBlanks();
        boolean isThere = at < text.length() && text.charAt(at) == c;
        at += isThere ? 1 : 0;
        return isThere;
    }

    private void skipBlanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private IllegalArgumentException unexpected(String wanted) {
        String seen = text.substring(at, Math.min(text.length(), at + 20));
        return new IllegalArgumentException(
                "not JSON at character " + at + ": wanted " + wanted + ", not \"" + seen + "\"");
    }
}

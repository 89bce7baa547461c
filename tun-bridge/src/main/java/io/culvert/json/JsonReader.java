package io.culvert.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one text of RFC 8259, strictly: no trailing comma, no bare control. */
final class JsonReader {
    /** Each level is a few frames of the stack. */
    private static final int MOST_DEPTH = 64;

    /** Doubles end at e308; a larger exponent would take ages as an integer. */
    private static final int MOST_EXPONENT = 400;

    private static final int MOST_DIGITS = 400;

    private final String text;
    private final boolean takesDuplicates;
    private int at;
    private int depth;

    /**
     * @param takesDuplicates whether the last of several members of one name counts; they are an
     *     error otherwise
     */
    JsonReader(String text, boolean takesDuplicates) {
        this.text = text;
        this.takesDuplicates = takesDuplicates;
    }

    Object read() {
        Object value = value();
        skipBlanks();
        if (at < text.length()) {
            throw unexpected("the end");
        }
        return value;
    }

    private Object value() {
        skipBlanks();
        if (at == text.length()) {
            throw unexpected("a value");
        }
        return switch (text.charAt(at)) {
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
        enter();
        Map<String, Object> map = new LinkedHashMap<>();
        while (!take('}')) {
            if (!map.isEmpty()) {
                expect(',');
            }
            skipBlanks();
            int nameAt = at;
            String name = string();
            if (!takesDuplicates && map.containsKey(name)) {
                at = nameAt;
                throw unexpected("a name that was not there yet");
            }
            expect(':');
            map.put(name, value());
        }
        depth--;
        return map;
    }

    private List<Object> array() {
        enter();
        List<Object> list = new ArrayList<>();
        while (!take(']')) {
            if (!list.isEmpty()) {
                expect(',');
            }
            list.add(value());
        }
        depth--;
        return list;
    }

    private void enter() {
        if (++depth > MOST_DEPTH) {
            throw unexpected("at most " + MOST_DEPTH + " levels");
        }
        at++;
    }

    private String string() {
        expect('"');
        StringBuilder string = new StringBuilder();
        while (true) {
            char c = next();
            if (c == '"') {
                return string.toString();
            }
            if (c < ' ') {
                at--;
                throw unexpected("an escape for a control character");
            }
            string.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> fourDigits();
            default -> {
                at--;
                throw unexpected("an escape");
            }
        };
    }

    private char fourDigits() {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < text.length() ? hexDigit(text.charAt(at)) : -1;
            if (digit < 0) {
                throw unexpected("four hexadecimal digits");
            }
            code = code << 4 | digit;
            at++;
        }
        return (char) code;
    }

    /** Not {@code Character.digit}, which takes digits of every script. */
    private static int hexDigit(char c) {
        if (isDigit(c)) {
            return c - '0';
        }
        int letter = c | 0x20;
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** {@code [ minus ] int [ frac ] [ exp ]}, RFC 8259 §6. */
    private BigDecimal number() {
        int from = at;
        skip('-');
        boolean isGood = (skip('0') || skipDigits()) && (!skip('.') || skipDigits());
        if (isGood && (skip('e') || skip('E'))) {
            if (!skip('+')) {
                skip('-');
            }
            isGood = skipDigits();
        }
        if (isGood && at - from <= MOST_DIGITS) {
            BigDecimal number = ordinary(text.substring(from, at));
            if (number != null) {
                return number;
            }
        }
        at = from;
        throw unexpected("a value");
    }

    /** The number, or null when its exponent is absurd. */
    private static BigDecimal ordinary(String digits) {
        try {
            BigDecimal number = new BigDecimal(digits);
            return Math.abs((long) number.scale()) <= MOST_EXPONENT ? number : null;
        } catch (NumberFormatException e) { // more than 32 bits
            return null;
        }
    }

    private boolean skip(char c) {
        boolean isThere = at < text.length() && text.charAt(at) == c;
        at += isThere ? 1 : 0;
        return isThere;
    }

    private boolean skipDigits() {
        int from = at;
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
        }
        return at > from;
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
        return skip(c);
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

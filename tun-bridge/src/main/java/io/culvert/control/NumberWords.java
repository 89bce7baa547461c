package io.culvert.control;

import java.util.HexFormat;
import java.util.Map;

/**
 * Numbers as iproute2 reads them, so that a line keeps its meaning when it moves from {@code ip} to
 * here.
 */
final class NumberWords {
    /** The names of iproute2's {@code rt_dsfield}; they are matched with their case, as it does. */
    private static final Map<String, Integer> DSFIELD_NAMES =
            Map.ofEntries(
                    Map.entry("default", 0x00),
                    Map.entry("AF11", 0x28),
                    Map.entry("AF12", 0x30),
                    Map.entry("AF13", 0x38),
                    Map.entry("AF21", 0x48),
                    Map.entry("AF22", 0x50),
                    Map.entry("AF23", 0x58),
                    Map.entry("AF31", 0x68),
                    Map.entry("AF32", 0x70),
                    Map.entry("AF33", 0x78),
                    Map.entry("AF41", 0x88),
                    Map.entry("AF42", 0x90),
                    Map.entry("AF43", 0x98),
                    Map.entry("CS1", 0x20),
                    Map.entry("CS2", 0x40),
                    Map.entry("CS3", 0x60),
                    Map.entry("CS4", 0x80),
                    Map.entry("CS5", 0xa0),
                    Map.entry("CS6", 0xc0),
                    Map.entry("CS7", 0xe0),
                    Map.entry("EF", 0xb8));

    private NumberWords() {}

    /**
     * An unsigned number: decimal, hexadecimal after {@code 0x}, octal after {@code 0}.
     *
     * @return the number, or -1 when the text is none or exceeds {@code most}
     */
    static long unsigned(String text, long most) {
        int radix = 10;
        String digits = text;
        if (text.startsWith("0x") || text.startsWith("0X")) {
            radix = 16;
            digits = text.substring(2);
        } else if (text.length() > 1 && text.startsWith("0")) {
            radix = 8;
            digits = text.substring(1);
        }
        return parse(digits, radix, most);
    }

    /**
     * A TOS or traffic class: a name, or one or two hexadecimal digits with or without {@code 0x}.
     * iproute2 reads this one number as hexadecimal always.
     *
     * @return 0 to 255, or -1 when the text is neither
     */
    static int dsfield(String text) {
        Integer named = DSFIELD_NAMES.get(text);
        if (named != null) {
            return named;
        }
        return hexadecimal(text, 0xff);
    }

    /**
     * A number that iproute2 reads as hexadecimal always, with or without {@code 0x}.
     *
     * @return 0 to {@code most}, or -1 when the text is none or more
     */
    static int hexadecimal(String text, int most) {
        boolean hasPrefix = text.startsWith("0x") || text.startsWith("0X");
        return (int) parse(hasPrefix ? text.substring(2) : text, 16, most);
    }

    private static long parse(String digits, int radix, long most) {
        boolean isPlain = !digits.isEmpty() && digits.length() <= 12;
        for (int i = 0; i < digits.length(); i++) {
            isPlain &= HexFormat.isHexDigit(digits.charAt(i));
        }
        if (!isPlain) {
            return -1;
        }
        try {
            long value = Long.parseLong(digits, radix);
            return value <= most ? value : -1;
        } catch (NumberFormatException aDigitTooLarge) {
            return -1;
        }
    }
}

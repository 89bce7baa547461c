package io.culvert.wire;

/** IPv4 addresses as {@code int} bits: their text, and what kind of address one is. */
public final class Ipv4Address {
    /** 0.0.0.0, which a tunnel reads as "any". */
    public static final int UNSPECIFIED = 0;

    private static final int LONGEST_TEXT = "255.255.255.255".length();

    private Ipv4Address() {}

    /** 224.0.0.0/4 (RFC 5771). */
    public static boolean isMulticast(int address) {
        return (address & 0xf000_0000) == 0xe000_0000;
    }

    /** 127.0.0.0/8 (RFC 1122 §3.2.1.3). */
    public static boolean isLoopback(int address) {
        return (address >>> 24) == 127;
    }

    /**
     * Whether the address can name one host, so that an error may be sent to it: not 0.0.0.0/8,
     * loopback, multicast or class E with the limited broadcast (RFC 1122 §3.2.2). A subnet's
     * directed broadcast cannot be told without its mask.
     */
    public static boolean isSingleHost(int address) {
        int firstOctet = address >>> 24;
        return firstOctet != 0 && firstOctet != 127 && firstOctet < 224;
    }

    /** The dotted quad. */
    public static String format(int address) {
        return appendTo(new StringBuilder(LONGEST_TEXT), address).toString();
    }

    /** Appends the dotted quad. */
    public static StringBuilder appendTo(StringBuilder text, int address) {
        return text.append(address >>> 24)
                .append('.')
                .append((address >>> 16) & 0xff)
                .append('.')
                .append((address >>> 8) & 0xff)
                .append('.')
                .append(address & 0xff);
    }

    /**
     * Reads a dotted quad: four decimal numbers from 0 to 255, never a host name and never DNS.
     *
     * <p>A leading zero is refused: some systems read 010 as eight, so it would not be the same
     * address everywhere.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public static int parse(String text) {
        int address = 0;
        int octets = 0;
        int start = 0;
        while (octets < 4) {
            int end = start;
            int value = 0;
            while (end < text.length() && isDigit(text.charAt(end)) && end - start < 4) {
                value = value * 10 + (text.charAt(end) - '0');
                end++;
            }
            boolean hasLeadingZero = end - start > 1 && text.charAt(start) == '0';
            if (end == start || value > 255 || hasLeadingZero) {
                throw notAnAddress(text);
            }
            address = address << 8 | value;
            octets++;
            boolean endsRight =
                    octets == 4
                            ? end == text.length()
                            : end < text.length() && text.charAt(end) == '.';
            if (!endsRight) {
                throw notAnAddress(text);
            }
            start = end + 1;
        }
        return address;
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    private static IllegalArgumentException notAnAddress(String text) {
        return new IllegalArgumentException(
                "not an IPv4 address: \""
                        + text
                        + "\"; expected four numbers from 0 to 255 such as 192.0.2.1");
    }
}

package io.culvert.cli;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Packets as people paste them: hexadecimal digits with blanks, line ends, {@code 0x} and commas
 * anywhere, or the dumps of xxd, {@code tcpdump -x}, {@code -xx} and {@code -X}, {@code hexdump -C}
 * and Wireshark, whose lines begin with an offset and may end with the same bytes as text.
 *
 * <p>In dumps, an offset of 0 begins the next packet, and lines that are no dump are passed over.
 */
final class HexText {
    private static final Pattern COLON_LINE =
            Pattern.compile("\\s*(?:0x)?([0-9a-fA-F]{4,8}):\\s+(\\S.*)");
    private static final Pattern BLANKS_LINE =
            Pattern.compile("\\s*([0-9a-fA-F]{4,8}) {2,}((?:[0-9a-fA-F]{2}\\b *)+.*)");
    private static final Pattern LAST_LINE = Pattern.compile("\\s*[0-9a-fA-F]{4,8}\\s*");
    private static final Pattern SEPARATORS = Pattern.compile("\\\\x|0[xX]|[\\s,:;.-]");
    private static final Pattern NOT_DIGITS = Pattern.compile("[^0-9a-fA-F]");
    private static final int MOST_BYTES_A_LINE = 32;
    private static final int SHOWN = 24;

    private final List<byte[]> packets = new ArrayList<>();
    private ByteArrayOutputStream packet = new ByteArrayOutputStream();

    private HexText() {}

    /**
     * The packets that the text holds, each of one byte or more.
     *
     * @throws IllegalArgumentException with a sentence for the user, when it holds none
     */
    static List<byte[]> packets(String text) {
        HexText reader = new HexText();
        boolean isDump = text.lines().anyMatch(line -> dumpLine(line, 0) != null);
        if (isDump) {
            text.lines().forEach(reader::readDumpLine);
        } else {
            reader.readDigits(text);
        }
        reader.endPacket();
        if (reader.packets.isEmpty()) {
            throw new IllegalArgumentException("there are no hexadecimal digits to explain");
        }
        return reader.packets;
    }

    private void readDigits(String text) {
        String digits = SEPARATORS.matcher(text).replaceAll("");
        Matcher wrong = NOT_DIGITS.matcher(digits);
        if (wrong.find()) {
            String from = digits.substring(wrong.start());
            String shown = from.length() > SHOWN ? from.substring(0, SHOWN) + "..." : from;
            throw new IllegalArgumentException(
                    "neither a file nor hexadecimal digits: \"" + shown + "\"");
        }
        add(digits);
    }

    private void readDumpLine(String line) {
        Dump dump = dumpLine(line, packet.size());
        if (dump == null) {
            dump = dumpLine(line, 0);
        }
        if (dump == null) {
            return;
        }
        if (dump.offset() == 0) {
            endPacket();
        }
        add(dump.digits());
    }

    private void add(String digits) {
        if (digits.length() % 2 != 0) {
            throw new IllegalArgumentException(
                    "an odd number of hexadecimal digits, " + digits.length());
        }
        byte[] bytes = java.util.HexFormat.of().parseHex(digits);
        packet.write(bytes, 0, bytes.length);
    }

    private void endPacket() {
        if (packet.size() > 0) {
            packets.add(packet.toByteArray());
            packet = new ByteArrayOutputStream();
        }
    }

    private record Dump(int offset, String digits) {}

    /** The line as part of a dump; null when it is not one with that offset. */
    private static Dump dumpLine(String line, int expectedOffset) {
        Matcher colon = COLON_LINE.matcher(line);
        if (colon.matches()) {
            // xxd and tcpdump put two blanks before the text
            String digits = colon.group(2).split(" {2,}", 2)[0].replace(" ", "");
            return dump(colon.group(1), digits, expectedOffset);
        }
        Matcher blanks = BLANKS_LINE.matcher(line);
        if (blanks.matches() && !LAST_LINE.matcher(line).matches()) {
            return dump(blanks.group(1), pairs(blanks.group(2)), expectedOffset);
        }
        return null;
    }

    private static Dump dump(String offset, String digits, int expectedOffset) {
        boolean isDump =
                Long.parseLong(offset, 16) == expectedOffset
                        && !NOT_DIGITS.matcher(digits).find()
                        && digits.length() % 2 == 0
                        && digits.length() <= 2 * MOST_BYTES_A_LINE;
        return isDump ? new Dump(expectedOffset, digits) : null;
    }

    /** Pairs of digits, up to where the text begins: behind a bar, or three blanks. */
    private static String pairs(String body) {
        StringBuilder digits = new StringBuilder();
        for (String word : body.split("\\|| {3,}", 2)[0].trim().split(" +")) {
            if (word.length() != 2 || NOT_DIGITS.matcher(word).find()) {
                break;
            }
            digits.append(word);
        }
        return digits.toString();
    }
}

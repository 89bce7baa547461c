package io.culvert.trace;

import java.util.ArrayList;
import java.util.List;

/** Bytes as {@code tcpdump -X} shows them: offset, hexadecimal digits, characters. */
final class HexLines {
    private static final int PER_LINE = 16;

    private HexLines() {}

    /** Lines of the bytes from {@code from} to {@code end}, which count from the first of all. */
    static List<String> of(byte[] bytes, int from, int end) {
        List<String> lines = new ArrayList<>();
        for (int at = from; at < end; at += PER_LINE) {
            lines.add(line(bytes, at, Math.min(end, at + PER_LINE)));
        }
        return lines;
    }

    private static String line(byte[] bytes, int from, int end) {
        StringBuilder digits = new StringBuilder();
        StringBuilder characters = new StringBuilder();
        for (int i = from; i < end; i++) {
            digits.append((i - from) % 2 == 0 ? " " : "");
            digits.append(String.format("%02x", bytes[i]));
            characters.append(bytes[i] >= ' ' && bytes[i] <= '~' ? (char) bytes[i] : '.');
        }
        return "0x%04x: %-40s  %s".formatted(from, digits, characters);
    }
}

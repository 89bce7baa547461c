package io.culvert.doctor;

import java.util.ArrayList;
import java.util.List;

/**
 * A line of {@code /proc/net/raw}.
 *
 * @param protocol IP protocol number, which stands where others have their port
 * @param drops packets that the socket could not take
 * @param text the line without the blanks around it
 */
record RawSocketLine(int protocol, long drops, String text) {
    private static final int LOCAL_ADDRESS = 1;
    private static final int LEAST_COLUMNS = 13;

    /** The sockets of the file's text; lines that are none are left out. */
    static List<RawSocketLine> readAll(String text) {
        List<RawSocketLine> lines = new ArrayList<>();
        for (String line : text.lines().toList()) {
            String[] columns = line.strip().split("\\s+");
            int colon = columns.length < LEAST_COLUMNS ? -1 : columns[LOCAL_ADDRESS].indexOf(':');
            if (colon > 0) {
                lines.add(
                        new RawSocketLine(
                                Integer.parseInt(columns[LOCAL_ADDRESS].substring(colon + 1), 16),
                                Long.parseLong(columns[columns.length - 1]),
                                line.strip()));
            }
        }
        return lines;
    }
}

package io.culvert.trace;

import io.culvert.dissect.Tree;
import io.culvert.dissect.Words;
import io.culvert.trace.TracedPacket.Side;
import io.culvert.trace.TracedPacket.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/**
 * A trace for people, a line per packet:
 *
 * <pre>
 * 09:41:07.120031 tun0 out  10.9.0.1 &gt; 10.9.0.2 icmp echo request (84) =&gt; 192.0.2.1 &gt; 192.0.2.2 gre (108)  sent, 31 us
 * </pre>
 */
public final class TraceLines implements TraceSink {
    private static final String INDENT = "    ";
    private static final int DIRECTION_COLUMNS = 8;

    private static final String RED = "\u001b[1;31m";
    private static final String GREEN = "\u001b[32m";
    private static final String CYAN = "\u001b[36m";
    private static final String YELLOW = "\u001b[33m";
    private static final String FAINT = "\u001b[2m";
    private static final String PLAIN = "\u001b[0m";

    private final PrintWriter out;
    private final Style style;
    private final DateTimeFormatter clock;

    /**
     * How much is shown.
     *
     * @param isTree whether every header is taken apart below the line
     * @param isHex whether the bytes are shown below the line
     * @param isColoured whether verdicts and directions have colours
     * @param zone of the times
     * @param nameColumns the longest name of a tunnel
     */
    public record Style(
            boolean isTree, boolean isHex, boolean isColoured, ZoneId zone, int nameColumns) {}

    public TraceLines(PrintWriter out, Style style) {
        this.out = out;
        this.style = style;
        clock = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS").withZone(style.zone());
    }

    @Override
    public void show(TracedPacket packet) {
        out.println(line(packet));
        if (style.isTree()) {
            tree(packet);
        }
        if (style.isHex()) {
            hex(packet);
        }
    }

    @Override
    public void flush() throws IOException {
        if (out.checkError()) {
            throw new IOException("nobody reads any more");
        }
    }

    @Override
    public void end(TraceTotals totals) {
        out.flush();
    }

    private String line(TracedPacket packet) {
        String time = clock.format(Instant.ofEpochSecond(0, packet.epochNanos()));
        String name = packet.tunnel().isEmpty() ? "-" : packet.tunnel();
        String direction = TraceText.direction(packet);
        String held = TraceText.held(packet);
        StringBuilder line = new StringBuilder();
        line.append(coloured(FAINT, time)).append(' ');
        line.append(padded(name, style.nameColumns())).append(' ');
        line.append(coloured(packet.isOutbound() ? CYAN : GREEN, direction));
        line.append(" ".repeat(DIRECTION_COLUMNS + 1 - direction.length()));
        line.append(TraceText.sides(packet)).append("  ");
        line.append(coloured(verdictColour(packet), TraceText.verdict(packet)));
        if (!held.isEmpty()) {
            line.append(coloured(FAINT, ", " + held));
        }
        return line.toString();
    }

    private static String verdictColour(TracedPacket packet) {
        return switch (packet.verdict()) {
            case DROPPED -> RED;
            case FRAGMENTED, REPORTED -> YELLOW;
            case SENT, DELIVERED, KEPT_ALIVE -> PLAIN;
        };
    }

    private void tree(TracedPacket packet) {
        Tree.of(TraceText.dissect(packet.outermost()), false)
                .forEach(line -> out.println(INDENT + line));
        if (packet.isEcnChanged()) {
            out.println(INDENT + "as it was delivered:");
            Tree.of(TraceText.dissect(packet.inner()), false)
                    .forEach(line -> out.println(INDENT + line));
        }
    }

    private void hex(TracedPacket packet) {
        Side whole = packet.outermost();
        if (packet.outer().isThere() && packet.inner().isThere()) {
            int innerAt = Math.min(packet.innerAt(), whole.bytes().length);
            dump("outer", whole.bytes(), 0, innerAt);
            dump("inner", whole.bytes(), innerAt, whole.bytes().length);
        } else {
            dump(packet.outer().isThere() ? "outer" : "inner", whole.bytes(), 0, Integer.MAX_VALUE);
        }
        int missing = whole.lengthBytes() - whole.bytes().length;
        if (missing > 0) {
            out.println(INDENT + Words.count(missing, "byte") + " more");
        }
        if (packet.isEcnChanged() && packet.verdict() == Verdict.DELIVERED) {
            dump("inner as it was delivered", packet.inner().bytes(), 0, Integer.MAX_VALUE);
        }
    }

    private void dump(String title, byte[] bytes, int from, int end) {
        out.println(INDENT + title);
        HexLines.of(bytes, from, Math.min(end, bytes.length))
                .forEach(line -> out.println(INDENT + line));
    }

    private String coloured(String colour, String text) {
        return style.isColoured() && !colour.equals(PLAIN) ? colour + text + PLAIN : text;
    }

    private static String padded(String text, int columns) {
        return text + " ".repeat(Math.max(0, columns - text.length()));
    }
}

package io.culvert.dissect;

import java.util.List;

/**
 * A packet in one line, in tcpdump's spirit: each IP header with what it carries, from the
 * outermost to the innermost, then what is wrong.
 *
 * <pre>
 * 192.0.2.2 &gt; 192.0.2.1 gre key 7 seq 0 | 10.9.0.2 &gt; 10.9.0.1 icmp echo request, id 1, seq 1
 * </pre>
 */
public final class OneLine {
    private static final String IN = " | ";

    private OneLine() {}

    /** The line, without a line feed. */
    public static String of(Dissection packet) {
        StringBuilder line = new StringBuilder();
        List<Layer> layers = packet.layers();
        boolean isQuoting = false;
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            if (layer.isQuoted() && !isQuoting) {
                isQuoting = true;
                line.append(" about [");
                append(line, layers, i);
            } else {
                append(line, layers, i);
            }
        }
        if (isQuoting) {
            line.append(']');
        }
        appendProblems(line, packet);
        return line.isEmpty() ? "empty packet" : line.toString();
    }

    private static void append(StringBuilder line, List<Layer> layers, int index) {
        Layer layer = layers.get(index);
        String words = PhraseOf.layer(layers, index);
        if (words.isEmpty()) {
            return;
        }
        boolean isFirst = line.isEmpty() || line.charAt(line.length() - 1) == '[';
        if (!isFirst) {
            line.append(layer.protocol().isIp() || layer.protocol() == Protocol.ARP ? IN : " ");
        }
        line.append(words);
    }

    private static void appendProblems(StringBuilder line, Dissection packet) {
        for (Layer layer : packet.layers()) {
            for (Problem problem : layer.problems()) {
                if (problem.severity() != Problem.Severity.NOTE) {
                    line.append(" (! ").append(problem.sentence()).append(')');
                }
            }
        }
    }
}

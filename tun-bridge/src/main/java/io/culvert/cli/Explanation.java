package io.culvert.cli;

import io.culvert.dissect.Dissection;
import io.culvert.dissect.OneLine;
import io.culvert.dissect.Outline;
import io.culvert.dissect.Tree;
import io.culvert.dissect.Words;
import io.culvert.verdict.Verdict;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A packet and what its receivers would do, as text and as what a JSON writer takes.
 *
 * @param number of the packet in its input, from 1 on
 * @param verdicts by receiver, in the order in which they are shown
 */
record Explanation(int number, Dissection packet, Map<String, Verdict> verdicts) {

    /** Prints a heading, the tree unless only the verdicts are wanted, and the verdicts. */
    void print(PrintWriter out, boolean isBrief) {
        out.println("packet " + number + ", " + size() + ": " + OneLine.of(packet));
        if (!isBrief) {
            Tree.of(packet, true).forEach(line -> out.println("  " + line));
            out.println();
        }
        int width = verdicts.keySet().stream().mapToInt(String::length).max().orElse(0);
        verdicts.forEach((receiver, verdict) -> print(out, width, receiver, verdict));
        out.println();
    }

    private static void print(PrintWriter out, int width, String receiver, Verdict verdict) {
        StringBuilder line = new StringBuilder("  ").append(receiver);
        line.append(" ".repeat(width - receiver.length() + 2));
        line.append(verdict.answer().words());
        boolean isDrop = verdict.answer() == Verdict.Answer.DROPS;
        if (!verdict.reason().isEmpty()) {
            boolean goesOn = verdict.answer() == Verdict.Answer.TAKES;
            line.append(goesOn ? " " : ": ").append(verdict.reason());
        }
        if (isDrop && !verdict.rule().isEmpty()) {
            line.append(" [").append(verdict.rule()).append(']');
        } else if (verdict.rule().startsWith("RFC")) {
            line.append(" by ").append(verdict.rule());
        }
        out.println(line);
        String indent = " ".repeat(width + 4);
        for (String condition : verdict.conditions()) {
            out.println(indent + "if " + condition);
        }
        if (!isDrop && !verdict.rule().isEmpty() && !verdict.rule().startsWith("RFC")) {
            out.println(indent + verdict.rule());
        }
    }

    /** Maps, lists, strings and numbers. */
    Map<String, Object> outline() {
        Map<String, Object> outline = new LinkedHashMap<>();
        outline.put("packet", number);
        outline.putAll(Outline.of(packet));
        Map<String, Object> receivers = new LinkedHashMap<>();
        verdicts.forEach((receiver, verdict) -> receivers.put(receiver, outline(verdict)));
        outline.put("verdicts", receivers);
        return outline;
    }

    private static Map<String, Object> outline(Verdict verdict) {
        Map<String, Object> outline = new LinkedHashMap<>();
        outline.put("answer", verdict.answer().label());
        if (!verdict.reason().isEmpty()) {
            outline.put("reason", verdict.reason());
        }
        if (!verdict.rule().isEmpty()) {
            outline.put("rule", verdict.rule());
        }
        if (!verdict.conditions().isEmpty()) {
            outline.put("conditions", verdict.conditions());
        }
        return outline;
    }

    private String size() {
        String captured = Words.count(packet.capturedBytes(), "byte");
        return packet.capturedBytes() == packet.wireBytes()
                ? captured
                : captured + " of " + packet.wireBytes();
    }
}

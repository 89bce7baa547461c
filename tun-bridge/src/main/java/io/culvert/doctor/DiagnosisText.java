package io.culvert.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A diagnosis for people, the worst first:
 *
 * <pre>
 * tun0: gre 192.0.2.1 -> 192.0.2.2
 *
 * error    firewall-inbound
 *   observed  nft, chain input of table inet filter: policy drop
 *   cause     this host's own packet filter stops GRE (IP protocol 47) from the peer
 *   fix       nft insert rule inet filter input ip saddr 192.0.2.2 ip protocol 47 accept
 *
 * 17 checks: 16 ok, 1 error
 * </pre>
 */
public final class DiagnosisText {
    private static final int WIDTH = 80;
    private static final int INDENT = 12;

    private final StringBuilder text = new StringBuilder();
    private final boolean isVerbose;

    private DiagnosisText(boolean isVerbose) {
        this.isVerbose = isVerbose;
    }

    /**
     * The text, ending in a line feed.
     *
     * @param isVerbose whether passed checks are shown too
     */
    public static String of(Diagnosis diagnosis, boolean isVerbose) {
        DiagnosisText all = new DiagnosisText(isVerbose);
        all.text.append(diagnosis.subject()).append("\n\n");
        for (Severity severity :
                List.of(Severity.ERROR, Severity.WARNING, Severity.UNKNOWN, Severity.OK)) {
            diagnosis.findings().stream()
                    .filter(finding -> finding.severity() == severity)
                    .forEach(all::add);
        }
        all.total(diagnosis);
        return all.text.toString();
    }

    private void add(Finding finding) {
        if (finding.severity() == Severity.OK) {
            if (isVerbose) {
                head(finding);
                lines("observed", finding.evidence());
                text.append('\n');
            }
            return;
        }
        head(finding);
        lines("observed", finding.evidence());
        lines("cause", finding.meaning());
        String label = "fix";
        for (String command : finding.remedy().lines().toList()) {
            // whole, so that it can be copied
            text.append(String.format("  %-10s%s%n", label, command));
            label = "";
        }
        text.append('\n');
    }

    private void head(Finding finding) {
        text.append(String.format("%-9s%s%n", finding.severity().word(), finding.id()));
    }

    private void lines(String label, String words) {
        String begin = label;
        for (String paragraph : words.lines().toList()) {
            for (String line : wrapped(paragraph)) {
                text.append(String.format("  %-10s%s%n", begin, line));
                begin = "";
            }
        }
    }

    private static List<String> wrapped(String paragraph) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : paragraph.split(" ")) {
            if (line.length() > 0 && INDENT + line.length() + 1 + word.length() > WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    private void total(Diagnosis diagnosis) {
        List<String> parts = new ArrayList<>();
        for (Severity severity : Severity.values()) {
            long count = diagnosis.count(severity);
            if (count > 0) {
                boolean isPlural = count > 1 && severity.compareTo(Severity.WARNING) >= 0;
                parts.add(
                        String.format(Locale.ROOT, "%d %s", count, severity.word())
                                + (isPlural ? "s" : ""));
            }
        }
        text.append(diagnosis.findings().size())
                .append(" checks: ")
                .append(String.join(", ", parts))
                .append(isVerbose || diagnosis.count(Severity.OK) == 0 ? "" : " (-v shows all)")
                .append('\n');
    }
}

package io.culvert.endtoend.report;

import io.culvert.endtoend.Measured;
import io.culvert.endtoend.Metric;
import io.culvert.endtoend.Spread;
import io.culvert.endtoend.load.LossFreeRate;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The report for a browser: one file with its plots and its style in it, which loads nothing from
 * anywhere.
 */
public final class HtmlReport {
    private static final List<Metric> CHARTS =
            List.of(
                    Metric.TCP_ONE_STREAM,
                    Metric.TCP_FOUR_STREAMS,
                    Metric.UDP_WITHOUT_LOSS,
                    Metric.MACHINE_CPU_PER_GIGABYTE);

    private final Results results;
    private final Markup page = new Markup();

    private HtmlReport(Results results) {
        this.results = results;
    }

    /** The page. */
    public static String of(Results results) {
        return new HtmlReport(results).page();
    }

    private String page() {
        page.add("<!DOCTYPE html>");
        page.add("<html lang=\"en\"><head><meta charset=\"utf-8\">");
        page.add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.add("<meta name=\"color-scheme\" content=\"light dark\">");
        page.add("<title>culvert bench</title>");
        page.add("<style>%n%s</style></head><body><main>", style());
        addHead();
        page.add("<section class=\"charts\">");
        CHARTS.forEach(metric -> page.add("%s", BarChart.of(metric, results)));
        page.add("%s</section>", LatencyChart.of(results));
        Section.of(results).stream()
                .filter(section -> section.isWorthShowing(results))
                .forEach(this::addTable);
        addContenders();
        addMethod();
        addEnvironment();
        return page.add("</main></body></html>").toString();
    }

    private void addHead() {
        Map<String, String> facts = results.environment().facts();
        page.add("<header><p class=\"kicker\">culvert bench</p><h1>Tunnels side by side</h1>");
        int rounds = results.roundsBegun();
        page.add(
                "<p class=\"facts\">%s of %s s a measurement, alternating \u00b7 %s, %s processors"
                        + " \u00b7 Linux %s \u00b7 Culvert %s on Java %s \u00b7 %s</p></header>",
                rounds == 1 ? "One round" : rounds + " rounds",
                Markup.escape(seconds()),
                fact(facts, "CPU"),
                fact(facts, "processors"),
                fact(facts, "kernel"),
                fact(facts, "culvert"),
                Markup.escape(Runtime.version().toString()),
                fact(facts, "time"));
        if (results.environment().warning() != null) {
            addWarning("Beware: " + results.environment().warning() + ".");
        }
        if (rounds < results.plan().rounds()) {
            addWarning("Interrupted: %d rounds were planned.".formatted(results.plan().rounds()));
        }
        Failures.of(results).forEach(this::addWarning);
    }

    private void addWarning(String sentence) {
        page.add("<p class=\"warning\">%s</p>", Markup.escape(sentence));
    }

    private void addTable(Section section) {
        page.add(
                "<section><h2>%s</h2><div class=\"scroll\"><table>",
                escape(section.title()).replace(", us,", ", \u00b5s,"));
        page.add("<thead><tr><th>contender</th>");
        for (Metric metric : section.metrics()) {
            page.add("<th>%s</th>", escape(Section.head(metric)));
            page.add(section.hasRatios(metric, results) ? "<th class=\"ratio\">\u00d7</th>" : "");
        }
        page.add("</tr></thead><tbody>");
        for (Measured contender : results.present()) {
            page.add(
                    "<tr class=\"%s\"><th>%s</th>",
                    BarChart.isOurs(contender) ? "ours" : "other", escape(contender.name()));
            for (Metric metric : section.metrics()) {
                addCell(contender.spread(metric), metric);
                if (section.hasRatios(metric, results)) {
                    String ratio =
                            contender.ratio(metric, results.baseline()).stream()
                                    .mapToObj(Figure::ratio)
                                    .findFirst()
                                    .orElse("");
                    page.add("<td class=\"ratio\">%s</td>", ratio);
                }
            }
            page.add("</tr>");
        }
        page.add("</tbody></table></div></section>");
    }

    private void addCell(Spread spread, Metric metric) {
        if (spread == null) {
            page.add("<td class=\"none\">\u2013</td>");
            return;
        }
        String range = Figure.range(metric, spread, "\u2013");
        page.add(
                "<td>%s%s</td>",
                Figure.of(metric, spread.median()),
                range.isEmpty() ? "" : " <small>" + range + "</small>");
    }

    private void addContenders() {
        page.add("<section><h2>Contenders</h2><dl>");
        for (Measured contender : results.contenders()) {
            String absence =
                    contender.absence() == null
                            ? ""
                            : " <em>Absent: %s.</em>".formatted(escape(contender.absence()));
            page.add(
                    "<dt>%s</dt><dd>%s.%s</dd>",
                    escape(contender.name()), escape(contender.description()), absence);
        }
        page.add("</dl></section>");
    }

    private void addMethod() {
        page.add("<section><h2>How it was measured</h2>");
        page.add(
                "<p>Two network namespaces of one machine, joined by a veth pair of MTU 1500, made"
                        + " anew for each turn. Each round gives every contender its turn, so that a"
                        + " machine that drifts does so for all. Tables and bars show the median of the"
                        + " rounds, and the least and the most; no round is left out.%s</p>",
                results.baseline() == null
                        ? ""
                        : " \u00d7 is the multiple of " + escape(results.baseline().name()) + ".");
        page.add(
                "<p><b>TCP</b>: %s, %s s after %d s of warm-up. <b>UDP</b>: 64 bytes of payload,"
                        + " open loop; the highest of %d rates at which at most %.1f %% were lost (RFC"
                        + " 2544, \u00a726.1). <b>Round trip</b>: UDP probes of 64 bytes on a schedule;"
                        + " each counts from when it was due, so that a stall is charged for every"
                        + " probe that it kept waiting. <b>CPU of both ends</b>: user and system time"
                        + " of the tunnel's processes while one TCP stream ran; a tunnel of the kernel"
                        + " has none. <b>CPU of the machine</b> holds everything, the senders of the"
                        + " load too.</p>",
                escape(results.tcpLoad()),
                escape(seconds()),
                results.plan().warmUp().toSeconds(),
                results.plan().udpTrials(),
                LossFreeRate.TOLERATED_LOSS * 100);
        page.add("</section>");
    }

    private void addEnvironment() {
        page.add("<section><h2>Where it was measured</h2><dl>");
        results.environment()
                .facts()
                .forEach(
                        (name, value) ->
                                page.add("<dt>%s</dt><dd>%s</dd>", escape(name), escape(value)));
        page.add("</dl></section>");
    }

    private String seconds() {
        double seconds = results.plan().duration().toMillis() / 1e3;
        return seconds == Math.rint(seconds)
                ? String.format(Locale.ROOT, "%.0f", seconds)
                : String.format(Locale.ROOT, "%.1f", seconds);
    }

    private static String fact(Map<String, String> facts, String name) {
        return escape(facts.getOrDefault(name, "unknown"));
    }

    private static String escape(String plain) {
        return Markup.escape(plain);
    }

    private static String style() {
        try (InputStream in = HtmlReport.class.getResourceAsStream("report.css")) {
            return new String(
                    Objects.requireNonNull(in, "report.css").readAllBytes(),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the style of the report", e);
        }
    }
}

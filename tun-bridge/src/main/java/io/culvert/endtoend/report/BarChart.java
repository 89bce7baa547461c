package io.culvert.endtoend.report;

import io.culvert.endtoend.Measured;
import io.culvert.endtoend.Metric;
import io.culvert.endtoend.Spread;
import java.util.List;

/**
 * One metric as bars from zero, one a contender, with a whisker from the least to the most.
 *
 * <pre>
 *  culvert-gre  ########|-+-|      2.31  (2.10-2.54)
 *  socat-ipip   ##                 0.47  (0.46-0.48)
 * </pre>
 */
final class BarChart {
    private static final int WIDTH = 540;
    private static final int LABEL_WIDTH = 208;
    private static final int VALUE_WIDTH = 132;
    private static final int ROW_HEIGHT = 24;
    private static final int BAR_HEIGHT = 13;
    private static final double BARS_WIDTH = WIDTH - LABEL_WIDTH - VALUE_WIDTH;

    private BarChart() {}

    /** The chart as a figure. */
    static String of(Metric metric, Results results) {
        List<Measured> contenders = results.present();
        double most =
                contenders.stream()
                        .map(contender -> contender.spread(metric))
                        .filter(spread -> spread != null)
                        .mapToDouble(Spread::most)
                        .max()
                        .orElse(1);
        String better = metric.moreIsBetter() ? "more is better" : "less is better";
        Markup svg = new Markup();
        svg.add(
                "<figure><figcaption>%s <span>%s, %s</span></figcaption>",
                Markup.escape(metric.label()), metric.unit(), better);
        svg.add(
                "<svg class=\"bars\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
                WIDTH, contenders.size() * ROW_HEIGHT + 4, Markup.escape(metric.label()));
        svg.add(
                "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"0\" y2=\"%d\"/>",
                LABEL_WIDTH, LABEL_WIDTH, contenders.size() * ROW_HEIGHT + 4);
        for (int row = 0; row < contenders.size(); row++) {
            addRow(svg, row, contenders.get(row), metric, most <= 0 ? 1 : most);
        }
        return svg.add("</svg></figure>").toString();
    }

    private static void addRow(
            Markup svg, int row, Measured contender, Metric metric, double most) {
        int middle = row * ROW_HEIGHT + ROW_HEIGHT / 2 + 2;
        String kind = isOurs(contender) ? "ours" : "other";
        svg.add(
                "<text class=\"label %s\" x=\"%d\" y=\"%d\">%s</text>",
                kind, LABEL_WIDTH - 8, middle + 4, Markup.escape(contender.name()));
        Spread spread = contender.spread(metric);
        if (spread == null) {
            String why = contender.failures().isEmpty() ? "not measured" : "failed";
            svg.add(
                    "<text class=\"none\" x=\"%d\" y=\"%d\">%s</text>",
                    LABEL_WIDTH + 8, middle + 4, why);
            return;
        }
        svg.add(
                "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
                kind,
                LABEL_WIDTH,
                middle - BAR_HEIGHT / 2,
                BARS_WIDTH * spread.median() / most,
                BAR_HEIGHT);
        double least = LABEL_WIDTH + BARS_WIDTH * spread.least() / most;
        double end = LABEL_WIDTH + BARS_WIDTH * spread.most() / most;
        if (spread.count() > 1) {
            svg.add(
                    "<path class=\"whisker\" d=\"M%1$.1f %3$dv8M%1$.1f %4$dH%2$.1fM%2$.1f"
                            + " %3$dv8\"/>",
                    least, end, middle - 4, middle);
        }
        svg.add(
                "<text class=\"value\" x=\"%.1f\" y=\"%d\">%s"
                        + "<tspan class=\"range\" dx=\"6\">%s</tspan></text>",
                end + 8,
                middle + 4,
                Figure.of(metric, spread.median()),
                Figure.range(metric, spread, "\u2013"));
    }

    /** Whether it is one of Culvert's own, which are set apart by colour. */
    static boolean isOurs(Measured contender) {
        return contender.name().startsWith("culvert-");
    }
}

package io.culvert.stats;

import java.util.ArrayDeque;
import java.util.Deque;

/** The last values of a rate as one line of bars, the highest of them at full height. */
final class Sparkline {
    private static final int WIDTH = 40;
    private static final String BLOCKS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
    private static final String ASCII = "_.-=+*%#";

    private final Deque<Double> values = new ArrayDeque<>();
    private final String bars;

    /**
     * @param isUnicode whether the terminal shows block elements
     */
    Sparkline(boolean isUnicode) {
        bars = isUnicode ? BLOCKS : ASCII;
    }

    void add(double value) {
        if (values.size() == WIDTH) {
            values.removeFirst();
        }
        values.addLast(value);
    }

    @Override
    public String toString() {
        double most = values.stream().mapToDouble(value -> value).max().orElse(0);
        StringBuilder line = new StringBuilder();
        for (double value : values) {
            int height = most > 0 ? (int) Math.ceil(value / most * bars.length()) : 0;
            line.append(value > 0 ? bars.charAt(Math.max(height, 1) - 1) : ' ');
        }
        return line.append(" ".repeat(WIDTH - values.size())).toString();
    }
}

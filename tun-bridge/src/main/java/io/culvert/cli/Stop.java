package io.culvert.cli;

import java.util.Map;

/**
 * Whether a signal has asked for an end. A second signal ends the process, in case the first one
 * finds it stuck.
 */
final class Stop implements AutoCloseable {
    private static final Map<String, Integer> SIGNALS =
            Map.of("HUP", 1, "INT", 2, "TERM", 15); // signal(7)

    private final Signals signals = new Signals();
    private volatile boolean isAsked;

    Stop() {
        SIGNALS.forEach((name, number) -> signals.on(name, () -> ask(number)));
    }

    boolean isAsked() {
        return isAsked;
    }

    private void ask(int number) {
        if (isAsked) {
            Runtime.getRuntime().halt(128 + number);
        }
        isAsked = true;
    }

    @Override
    public void close() {
        signals.close();
    }
}

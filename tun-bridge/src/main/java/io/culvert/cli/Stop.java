package io.culvert.cli;

/**
 * Whether a signal has asked for an end. A second signal, half a second later or more, ends the
 * process at once, in case the first one finds it stuck.
 */
final class Stop implements AutoCloseable {
    private final Signals signals = new Signals();
    private final EndingSignals asked = new EndingSignals();
    private volatile boolean isAsked;

    Stop() {
        EndingSignals.NUMBERS.forEach((name, number) -> signals.on(name, () -> ask(number)));
    }

    boolean isAsked() {
        return isAsked;
    }

    private void ask(int number) {
        isAsked = true;
        if (asked.next(System.nanoTime()) == EndingSignals.Meaning.END_AT_ONCE) {
            Runtime.getRuntime().halt(128 + number);
        }
    }

    @Override
    public void close() {
        signals.close();
    }
}

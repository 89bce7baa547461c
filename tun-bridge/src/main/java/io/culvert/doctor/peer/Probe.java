package io.culvert.doctor.peer;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Watches the wire: at first silently, because a firewall that lets only answers in shows itself by
 * what comes before anything was sent; then with requests through the tunnel; then with large ones.
 * One thread.
 */
final class Probe {
    private static final int REQUESTS = 20;
    private static final int REQUEST_BYTES = 84; // as ping's
    private static final long GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long SLOW_GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LEAST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(60);
    private static final double QUIET_SHARE = 0.3;
    private static final int SIZES_AT_ONCE = 16;
    private static final int TRIES = 2;

    private final PacketTap tap;
    private final Injector injector;
    private final Injector aside;
    private final InnerEcho echo;
    private final InnerEcho plainEcho;
    private final Sightings sightings;
    private final long totalNanos;
    private final Map<Integer, Long> sentNanos = new HashMap<>();

    private long startNanos;
    private long firstSendNanos;
    private int number;
    private int sent;
    private String refusal = "";
    private int assumedMtu;
    private int measuredMtu;

    /**
     * @param injector sends through the tunnel
     * @param aside sends beside it
     * @param echo what to ask through the tunnel; {@code null} to listen only
     * @param plainEcho what to ask beside it
     */
    Probe(
            PacketTap tap,
            Injector injector,
            Injector aside,
            InnerEcho echo,
            InnerEcho plainEcho,
            Sightings sightings,
            Duration total) {
        this.tap = tap;
        this.injector = injector;
        this.aside = aside;
        this.echo = echo;
        this.plainEcho = plainEcho;
        this.sightings = sightings;
        this.totalNanos = total.toNanos();
    }

    /**
     * Runs it to its end.
     *
     * @param innerMtu the size that is to be tried, in bytes; 0 for none
     */
    Observation run(int innerMtu) {
        startNanos = System.nanoTime();
        long endNanos = startNanos + totalNanos;
        watch(startNanos + (long) (totalNanos * QUIET_SHARE), () -> false);
        firstSendNanos = System.nanoTime();
        aside.send(plainEcho.request(1, REQUEST_BYTES));
        if (echo == null) {
            watch(endNanos, () -> false);
        } else {
            ask(endNanos);
            if (!sightings.answers().isEmpty() && innerMtu > InnerEcho.LEAST_BYTES) {
                measure(innerMtu);
            }
        }
        long nowNanos = System.nanoTime();
        return new Observation(
                sightings,
                (nowNanos - startNanos) / 1e9,
                (firstSendNanos - startNanos) / 1e9,
                firstSendNanos,
                sent,
                refusal,
                roundTripNanos(),
                assumedMtu,
                measuredMtu,
                tap.lost());
    }

    private void ask(long endNanos) {
        for (int i = 0; i < REQUESTS; i++) {
            send(REQUEST_BYTES);
            watch(System.nanoTime() + GAP_NANOS, () -> false);
        }
        watch(
                System.nanoTime() + PATIENCE_NANOS,
                () -> sightings.answers().stream().distinct().count() == sent);
        // Where nothing came back, or more came than answers, what comes later tells more.
        while (System.nanoTime() < endNanos && isUndecided()) {
            send(REQUEST_BYTES);
            watch(System.nanoTime() + SLOW_GAP_NANOS, () -> false);
        }
    }

    private boolean isUndecided() {
        boolean hasUnasked =
                sightings.outer().stream().anyMatch(o -> !o.isOutgoing() && !o.isAnswer());
        return sightings.answers().isEmpty() || hasUnasked;
    }

    private void send(int packetBytes) {
        String refused = injector.send(echo.request(number, packetBytes));
        if (refused.isEmpty()) {
            sentNanos.put(number, System.nanoTime());
        } else {
            refusal = refused;
        }
        number++;
        sent++;
    }

    /** Looks until then, or until it is enough. */
    private void watch(long untilNanos, BooleanSupplier isEnough) {
        while (!isEnough.getAsBoolean()) {
            TapPacket packet = tap.next(untilNanos);
            if (packet == null) {
                return;
            }
            sightings.add(packet);
            if (System.nanoTime() - untilNanos >= 0) {
                return;
            }
        }
    }

    private long roundTripNanos() {
        return sentNanos.entrySet().stream()
                .filter(entry -> sightings.answerNanos(entry.getKey()) != null)
                .mapToLong(e -> sightings.answerNanos(e.getKey()) - e.getValue())
                .min()
                .orElse(0);
    }

    /**
     * Finds the largest packet that is answered. Sixteen sizes go out together, so that a path that
     * swallows is measured to the byte in three waits and not in eleven.
     */
    private void measure(int innerMtu) {
        int sentBefore = sent;
        assumedMtu = innerMtu;
        int passes = REQUEST_BYTES;
        int fails = innerMtu + 1;
        if (largestAnswered(new int[] {innerMtu}) == innerMtu) {
            passes = innerMtu;
        } else {
            fails = innerMtu;
        }
        while (fails - passes > 1) {
            int[] sizes = sizesBetween(passes, fails);
            int largest = largestAnswered(sizes);
            passes = Math.max(passes, largest);
            for (int size : sizes) {
                if (size > largest) {
                    fails = Math.min(fails, size);
                }
            }
            if (fails - passes == 1 && fails <= innerMtu && isAnsweredLate(fails)) {
                passes = fails; // this host was busy, and the size is not lost
                fails = innerMtu + 1;
            }
        }
        measuredMtu = passes;
        sent = sentBefore; // of these some were meant to be lost
    }

    /** Whether a size is answered after all, with more patience than the search has. */
    private boolean isAnsweredLate(int size) {
        int first = number;
        for (int attempt = 0; attempt < TRIES; attempt++) {
            send(size);
        }
        int last = number - 1;
        BooleanSupplier isAnswered =
                () -> sightings.answerNanos(first) != null || sightings.answerNanos(last) != null;
        watch(System.nanoTime() + PATIENCE_NANOS, isAnswered);
        return isAnswered.getAsBoolean();
    }

    private static int[] sizesBetween(int passes, int fails) {
        int count = Math.min(SIZES_AT_ONCE, fails - passes - 1);
        int[] sizes = new int[count];
        for (int i = 0; i < count; i++) {
            sizes[i] = passes + (int) ((long) (fails - passes) * (i + 1) / (count + 1));
        }
        return sizes;
    }

    private int largestAnswered(int[] sizes) {
        long waitNanos = Math.max(LEAST_WAIT_NANOS, 4 * roundTripNanos());
        int largest = 0;
        for (int attempt = 0; attempt < TRIES && largest < sizes[sizes.length - 1]; attempt++) {
            int first = number;
            for (int size : sizes) {
                send(size);
            }
            int last = number - 1;
            watch(System.nanoTime() + waitNanos, () -> sightings.answerNanos(last) != null);
            for (int i = 0; i < sizes.length; i++) {
                if (sightings.answerNanos(first + i) != null) {
                    largest = Math.max(largest, sizes[i]);
                }
            }
        }
        return largest;
    }
}

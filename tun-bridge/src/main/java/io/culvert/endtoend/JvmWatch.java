package io.culvert.endtoend;

import io.culvert.endtoend.contender.JavaEndpoint;
import io.culvert.endtoend.contender.JvmGauge;
import io.culvert.endtoend.contender.Way;
import io.culvert.endtoend.host.EndpointProcess;
import io.culvert.endtoend.host.Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What the garbage collectors of both ends did between its making and {@link #finish}. */
final class JvmWatch {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Pattern PAUSE = Pattern.compile("Pause .* ([0-9]+\\.[0-9]+)ms");

    private final Way way;
    private final long beginNanos;
    private final long beginBytes;
    private final int beginPauses;

    private JvmWatch(Way way) throws InterruptedException {
        this.way = way;
        this.beginBytes = allocatedBytes();
        this.beginPauses = pauses().size();
        this.beginNanos = System.nanoTime();
    }

    /** A watch over the ends of a way; null when they are not Java programs. */
    static JvmWatch over(Way way) throws InterruptedException {
        boolean isJava = Files.exists(JavaEndpoint.gcLog(way.topology(), way.topology().left()));
        return isJava ? new JvmWatch(way) : null;
    }

    /** Notes what happened since. */
    void finish(Measured measured) throws InterruptedException {
        double seconds = (System.nanoTime() - beginNanos) / 1e9;
        double bytes = (double) (allocatedBytes() - beginBytes) / way.endpoints().size();
        measured.add(Metric.ALLOCATION, bytes / 1024 / seconds);
        List<Double> all = pauses();
        List<Double> since = all.subList(beginPauses, all.size());
        measured.add(Metric.GC_PAUSES, since.size());
        measured.add(
                Metric.GC_LONGEST_PAUSE,
                since.stream().mapToDouble(Double::doubleValue).max().orElse(0));
    }

    private long allocatedBytes() throws InterruptedException {
        long bytes = 0;
        for (EndpointProcess end : way.endpoints()) {
            int from = end.lineCount();
            end.writeLine("");
            bytes +=
                    JvmGauge.bytes(
                            end.awaitLine(
                                    from, line -> line.startsWith(JvmGauge.ANSWER), PATIENCE));
        }
        return bytes;
    }

    /** The pauses so far, in milliseconds, the left end's first. */
    private List<Double> pauses() {
        List<Double> pauses = new ArrayList<>();
        for (Host host : List.of(way.topology().left(), way.topology().right())) {
            pauses.addAll(pauses(read(JavaEndpoint.gcLog(way.topology(), host))));
        }
        return pauses;
    }

    /** The pauses in a log of {@code -Xlog:gc}, in milliseconds. */
    static List<Double> pauses(String log) {
        return PAUSE.matcher(log)
                .results()
                .map((MatchResult pause) -> Double.valueOf(pause.group(1)))
                .toList();
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + log, e);
        }
    }
}

package io.culvert.stats;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Percentile distributions as HdrHistogram's tools read them, in microseconds. */
public final class HgrmFiles {
    private static final String SUFFIX = ".hgrm";
    private static final double NANOS_PER_MICRO = 1_000.0;

    private HgrmFiles() {}

    /**
     * Writes a file for each tunnel and way that has carried packets, over files of the same name.
     *
     * @param samples of the processes
     * @param name what their names begin with, with or without {@code .hgrm}
     * @return the files: {@code NAME-TUNNEL-sent.hgrm} and so on; where the processes are several,
     *     whose tunnels may have the same name, {@code NAME-PID-TUNNEL-sent.hgrm}
     */
    public static List<Path> write(List<Sample> samples, String name) throws IOException {
        String begin =
                name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
        List<Path> files = new ArrayList<>();
        for (Sample sample : samples) {
            String whose = samples.size() == 1 ? "" : "-" + sample.pid();
            for (TunnelSample tunnel : sample.tunnels()) {
                String stem = begin + whose + "-" + tunnel.name();
                write(files, stem + "-sent", tunnel.latencySent());
                write(files, stem + "-received", tunnel.latencyReceived());
                write(files, stem + "-round-trip", tunnel.roundTrip());
            }
        }
        return files;
    }

    private static void write(List<Path> files, String stem, Latency latency) throws IOException {
        if (latency == null || latency.isEmpty()) {
            return;
        }
        Path file = Path.of(stem + SUFFIX);
        try (PrintStream out =
                new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
            latency.histogram().outputPercentileDistribution(out, NANOS_PER_MICRO);
            if (out.checkError()) {
                throw new IOException("no room for " + file);
            }
        }
        files.add(file);
    }
}

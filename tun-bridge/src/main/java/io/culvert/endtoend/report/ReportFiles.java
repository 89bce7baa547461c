package io.culvert.endtoend.report;

import io.culvert.endtoend.Measured;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files of {@code -o DIR}. */
public final class ReportFiles {
    /** The {@code .hgrm} files are in microseconds. */
    private static final double NANOS_PER_MICRO = 1_000.0;

    private ReportFiles() {}

    /**
     * Writes {@code bench.json}, {@code bench.html} and a percentile distribution per contender,
     * over files of earlier runs.
     *
     * @return the files
     */
    public static List<Path> write(Results results, Path directory) throws IOException {
        Files.createDirectories(directory);
        List<Path> files = new ArrayList<>();
        files.add(Files.writeString(directory.resolve("bench.json"), JsonReport.of(results)));
        files.add(Files.writeString(directory.resolve("bench.html"), HtmlReport.of(results)));
        for (Measured contender : results.present()) {
            if (contender.roundTrips() != null) {
                Path file = directory.resolve(contender.name() + ".hgrm");
                try (var out =
                        new PrintStream(
                                Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
                    contender.roundTrips().outputPercentileDistribution(out, NANOS_PER_MICRO);
                }
                files.add(file);
            }
        }
        return files;
    }
}
